import type { Bar } from "./bars.ts";

const HEIGHT = 160;
/** Share of a bar's place that stays free. */
const GAP = 0.25;

interface ChartProps {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Returns the text below a bar and in the table. */
  label(startMs: number): string;
}

/** Such as `14:00`. The store counts spans of time in UTC. */
export function hourText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

/** Such as `2026-11-22`, in UTC. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Deliveries over time as bars with their values on hover and focus, and as a table for readers who prefer it. */
export function Chart({ title, bars, label }: ChartProps) {
  const accepted = bars.reduce((total, bar) => total + bar.accepted, 0);
  const failed = bars.reduce((total, bar) => total + bar.failed, 0);
  const isEmpty = accepted + failed === 0;
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong>
        <span class="legend">
          <span class="accepted">{accepted} accepted</span>
          <span class="failed">{failed} not accepted</span>
        </span>
      </figcaption>
      {isEmpty ? <p class="empty">No messages in this time.</p> : (
        <>
          <Plot bars={bars} label={label} title={title} />
          <details>
            <summary>As a table</summary>
            <CountTable title={title} bars={bars} label={label} />
          </details>
        </>
      )}
    </figure>
  );
}

function Plot({ title, bars, label }: ChartProps) {
  const top = niceTop(Math.max(...bars.map(({ accepted, failed }) => accepted + failed)));
  return (
    <div class="plot">
      <p class="scale" aria-hidden="true">
        <span>{top}</span>
        {top > 1 && <span>{top / 2}</span>}
        <span>0</span>
      </p>
      <ul class={`bars of-${bars.length}`} aria-label={title}>
        {bars.map((bar) => <BarView key={bar.startMs} bar={bar} top={top} label={label} />)}
      </ul>
      <p class="axis" aria-hidden="true">
        <span>{label(bars[0]?.startMs ?? 0)}</span>
        <span>{label(bars[Math.floor(bars.length / 2)]?.startMs ?? 0)}</span>
        <span>{label(bars.at(-1)?.startMs ?? 0)}</span>
      </p>
    </div>
  );
}

interface BarViewProps extends Pick<ChartProps, "label"> {
  readonly bar: Bar;
  readonly top: number;
}

/** One bar. Those with a value can be focused, and then show it. */
function BarView({ bar: { startMs, accepted, failed }, top, label }: BarViewProps) {
  const isEmpty = accepted + failed === 0;
  const heightOf = (count: number) => count / top * HEIGHT;
  const text = `${label(startMs)}: ${accepted} accepted, ${failed} not accepted`;
  return (
    <li tabIndex={isEmpty ? undefined : 0}>
      <svg viewBox={`0 0 1 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <rect
          class="accepted"
          x={GAP / 2}
          width={1 - GAP}
          y={HEIGHT - heightOf(accepted)}
          height={heightOf(accepted)}
        />
        <rect
          class="failed"
          x={GAP / 2}
          width={1 - GAP}
          y={HEIGHT - heightOf(accepted + failed)}
          height={heightOf(failed)}
        />
      </svg>
      <span class={isEmpty ? "visually-hidden" : "value"}>{text}</span>
    </li>
  );
}

/** Returns the end of a scale: an even number with one significant digit, or 1. */
function niceTop(highest: number): number {
  if (highest <= 1) return 1;
  const unit = 10 ** Math.floor(Math.log10(highest));
  const top = Math.ceil(highest / unit) * unit;
  return top % 2 === 0 ? top : top + (unit === 1 ? 1 : unit);
}

function CountTable({ title, bars, label }: ChartProps) {
  const full = bars.filter(({ accepted, failed }) => accepted + failed > 0);
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
