import { Icon, printer } from "../../../../lib/components/mod.ts";
import { type FormProblem, TextArea } from "../../../(_components)/form_problem.tsx";
import { RestrictionFields } from "../../../(_components)/restrictions.tsx";

/** The name of the form for new devices. */
export const DEVICE_FORM = "devices";

interface DeviceFormProps {
  readonly action: string;
  readonly problem?: FormProblem;
}

/** A form that creates app passwords for a list of devices. */
export function DeviceForm({ action, problem }: DeviceFormProps) {
  const entered = problem?.form === DEVICE_FORM ? problem.entered : undefined;
  const isAny = entered?.get("sender-rule") === "any";
  return (
    <section class="card" aria-labelledby="add-devices">
      <h2 id="add-devices">Add devices</h2>
      <form method="post" action={action}>
        <TextArea
          form={DEVICE_FORM}
          name="devices"
          label="One device per line, with a name that you will recognise"
          problem={problem}
          area={{ rows: 5, required: true, placeholder: "Scanner 2nd floor\nNAS\nAlarm system" }}
          help="Each device gets its own app password, shown once, on a sheet to print. For a device that cannot log in,
            add its address after a comma: “Old scanner, 192.168.1.40”."
        />
        <fieldset class="choices">
          <legend>Sender of their messages</legend>
          <label class="choice">
            <input type="radio" name="sender-rule" value="always" checked={!isAny} />
            Always the mailbox, whatever is set in the device
          </label>
          <label class="choice">
            <input type="radio" name="sender-rule" value="any" checked={isAny} />
            Any sender that Microsoft lets the mailbox use
          </label>
        </fieldset>
        <RestrictionFields form={DEVICE_FORM} problem={problem} />
        <div class="actions">
          <button type="submit">
            <Icon shapes={printer} />
            Create and show the sheets
          </button>
        </div>
      </form>
    </section>
  );
}
