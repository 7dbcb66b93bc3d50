import { download as downloadIcon, Icon } from "../../../lib/icons/mod.ts";
import type { Field, GuideStep } from "../../../lib/guides/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { Copyable, CopyableBlock } from "../../(_components)/copyable.tsx";
import { Row } from "../../(_components)/row.tsx";

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

/** Fields whose value is chosen, not typed: they need no copy button. */
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
