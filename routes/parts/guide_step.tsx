import { Icon } from "../../islands/parts/icon.ts";
import { download as downloadIcon } from "../../islands/parts/icons.ts";
import type { Field, GuideStep } from "../../lib/web/guides.ts";
import type { Site } from "../../lib/web/site.ts";
import { Copyable, CopyableBlock } from "./copyable.tsx";
import { Row } from "./row.tsx";

interface GuideStepProps {
  /** Prefix of the ids within. */
  readonly id: string;
  readonly step: GuideStep;
  readonly site: Site;
}

/** One step of a guide. */
export function GuideStepView({ id, step, site }: GuideStepProps) {
  const { text, fields, code, note, download } = step;
  return (
    <li>
      <p>{text}</p>
      {fields && <Fields id={id} fields={fields} />}
      {code && <CopyableBlock id={`${id}-code`} label="these lines">{code}</CopyableBlock>}
      {download && (
        <p>
          <a class="button quiet" href={site.path(download.path)} download>
            <Icon shapes={downloadIcon} />
            {download.label}
          </a>
        </p>
      )}
      {note && <p class="hint">{note}</p>}
    </li>
  );
}

/** What is to be chosen, not typed, needs no copy button. */
const CHOSEN = /encryption|security|secured|authentication|password|TLS/i;

function Fields({ id, fields }: { id: string; fields: readonly Field[] }) {
  return (
    <dl class="settings">
      {fields.map(([label, value], index) => (
        <Row key={label} label={label}>
          {CHOSEN.test(label)
            ? <span class="choice">{value}</span>
            : <Copyable id={`${id}-${index}`} label={label}>{value}</Copyable>}
        </Row>
      ))}
    </dl>
  );
}
