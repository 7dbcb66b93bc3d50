import type { Bar } from "./bars.ts";

const WIDTH = 720;
const HEIGHT = 140;
/** Share of a bar's place that stays free. */
const GAP = 0.25;

interface ChartProps {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Returns the text below a bar and in the table. */
  label(startMs: number): string;
}

/** Deliveries over time as bars, and as a table for readers who prefer it. */
export function Chart({ title, bars, label }: ChartProps) {
  const accepted = bars.reduce((total, bar) => total + bar.accepted, 0);
  const failed = bars.reduce((total, bar) => total + bar.failed, 0);
  const summary = `${accepted} accepted, ${failed} not accepted`;
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong>
        <span class="legend">
          <span class="accepted">{accepted} accepted</span>
          <span class="failed">{failed} not accepted</span>
        </span>
      </figcaption>
      <Bars bars={bars} label={`${title}: ${summary}`} />
      <p class="axis" aria-hidden="true">
        <span>{label(bars[0]?.startMs ?? 0)}</span>
        <span>highest bar: {highestOf(bars)}</span>
        <span>{label(bars.at(-1)?.startMs ?? 0)}</span>
      </p>
      <details>
        <summary>As a table</summary>
        <CountTable title={title} bars={bars} label={label} />
      </details>
    </figure>
  );
}

function Bars({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const highest = Math.max(1, highestOf(bars));
  const place = WIDTH / bars.length;
  const heightOf = (count: number) => count / highest * (HEIGHT - 1);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      <line class="baseline" x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {bars.map(({ startMs, accepted, failed }, index) => {
        const box = { x: (index + GAP / 2) * place, width: place * (1 - GAP) };
        const acceptedHeight = heightOf(accepted);
        const failedHeight = heightOf(failed);
        const top = HEIGHT - acceptedHeight;
        return (
          <g key={startMs}>
            {accepted > 0 && <rect class="accepted" {...box} y={top} height={acceptedHeight} />}
            {failed > 0 && (
              <rect class="failed" {...box} y={top - failedHeight} height={failedHeight} />
            )}
          </g>
        );
      })}
    </svg>
  );
}

function highestOf(bars: readonly Bar[]): number {
  return Math.max(...bars.map(({ accepted, failed }) => accepted + failed));
}

function CountTable({ title, bars, label }: ChartProps) {
  const full = bars.filter(({ accepted, failed }) => accepted + failed > 0);
  if (full.length === 0) return <p class="fine-print">No deliveries in this time.</p>;
  return (
    <table>
      <caption class="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Accepted</th>
          <th scope="col">Not accepted</th>
        </tr>
      </thead>
      <tbody>
        {full.map(({ startMs, accepted, failed }) => (
          <tr key={startMs}>
            <th scope="row">{label(startMs)}</th>
            <td>{accepted}</td>
            <td>{failed}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
