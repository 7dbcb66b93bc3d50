import { download as downloadIcon, Icon } from "../lib/icons/mod.ts";
import { CodeBlock, Copyable } from "./copy_button.tsx";

/** Something to enter: what the program calls it, and the value. */
export type GuideField = readonly [label: string, value: string | number];

/** One of several ways to do the same. */
export interface ShownAlternative {
  name: string;
  text: string;
  code?: string;
  file?: string;
}

/** One step of a guide, ready to be shown. In texts, backticks surround code. */
export interface ShownStep {
  text: string;
  alternatives?: readonly ShownAlternative[];
  fields?: readonly GuideField[];
  /** To paste as a whole. */
  code?: string;
  /** Where the code goes, such as a file name. */
  file?: string;
  note?: string;
  download?: { path: string; label: string };
}

/** The app password, to be put where a guide only says that it goes there. */
export interface PasswordFill {
  /** The text in the code that stands for it. */
  placeholder: string;
  password: string;
}

interface GuideStepsProps {
  /** The condition under which it can work. */
  needs?: string;
  /** Another user name that works as well. */
  otherUserName?: string;
  steps: readonly ShownStep[];
  /** Absent: the password stays a placeholder. */
  fill?: PasswordFill;
  /** Another step stands before these. */
  isContinued?: boolean;
}

/** The steps of a guide. */
export default function GuideSteps(
  { needs, otherUserName, steps, fill, isContinued }: GuideStepsProps,
) {
  return (
    <>
      {needs && (
        <p class="notice">
          <Marked text={needs} />
        </p>
      )}
      {otherUserName && (
        <p>
          As the user name, <code>{otherUserName}</code> works as well.
        </p>
      )}
      {steps.length > 0 && (
        <ol class={`guide${isContinued ? " continued" : ""}`}>
          {steps.map((step, index) => (
            <Step key={index} id={`step-${index + 1}`} step={step} fill={fill} />
          ))}
        </ol>
      )}
    </>
  );
}

interface StepProps {
  /** Prefix of the ids within. */
  id: string;
  step: ShownStep;
  fill?: PasswordFill;
}

function Step({ id, step, fill }: StepProps) {
  const { text, alternatives, fields, code, file, note, download } = step;
  return (
    <li id={id}>
      <p>
        <Marked text={text} />
      </p>
      {alternatives && <Alternatives id={id} alternatives={alternatives} fill={fill} />}
      {fields && <Fields id={id} fields={fields} fill={fill} />}
      {code && <LinesFor id={`${id}-code`} code={filled(code, fill)} file={file} />}
      {download && (
        <p>
          <a class="button quiet" href={download.path} download>
            <Icon shapes={downloadIcon} />
            {download.label}
          </a>
        </p>
      )}
      {note && (
        <p class="hint">
          <Marked text={note} />
        </p>
      )}
    </li>
  );
}

function Alternatives({ id, alternatives, fill }: Pick<StepProps, "id" | "fill"> & {
  alternatives: readonly ShownAlternative[];
}) {
  return (
    <ul class="alternatives">
      {alternatives.map(({ name, text, code, file }, index) => (
        <li key={name}>
          <p>
            <strong>{name}:</strong> <Marked text={text} />
          </p>
          {code && <LinesFor id={`${id}-way-${index}`} code={filled(code, fill)} file={file} />}
        </li>
      ))}
    </ul>
  );
}

/** A text in which what stands in backticks is code. */
function Marked({ text }: { text: string }) {
  return (
    <>
      {text.split("`").map((part, index) =>
        index % 2 === 1 ? <code key={index}>{part}</code> : part
      )}
    </>
  );
}

function LinesFor({ id, code, file }: { id: string; code: string; file?: string }) {
  const label = file ? `the lines for ${file}` : "these lines";
  return <CodeBlock id={id} caption={file} label={label} text={code} />;
}

/** Fields whose value is chosen, not typed: they need no copy button. */
const CHOSEN = /encryption|secur|authentication|SSL|TLS/i;
const PASSWORD = /password/i;

function Fields({ id, fields, fill }: { id: string } & Pick<StepProps, "fill"> & {
  fields: readonly GuideField[];
}) {
  return (
    <dl class="settings">
      {fields.map(([label, value], index) => {
        const isPassword = PASSWORD.test(label);
        const shown = isPassword && fill ? fill.password : value;
        const isChosen = CHOSEN.test(label) || isPassword && !fill;
        return (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {isChosen
                ? <span class="choice">{shown}</span>
                : <Copyable id={`${id}-${index}`} label={label} value={shown} />}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function filled(code: string, fill: PasswordFill | undefined): string {
  return fill ? code.replaceAll(fill.placeholder, fill.password) : code;
}
