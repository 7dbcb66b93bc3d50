import { useState } from "preact/hooks";
import GuideSteps, { type PasswordFill, type ShownStep } from "./guide_steps.tsx";

/** A guide to choose. */
export interface GuideChoice {
  slug: string;
  name: string;
  group: string;
}

/** A guide that is shown. */
export interface ShownGuide {
  name: string;
  /** The condition under which it can work. */
  needs?: string;
  /** Another user name that works as well. */
  otherUserName?: string;
  /** Absent: no port of this server suits the program. */
  steps?: readonly ShownStep[];
}

interface GuideHereProps {
  guides: readonly GuideChoice[];
  /** Slug of the guide that is shown first; empty for none. */
  chosen: string;
  guide?: ShownGuide;
  /** Address of a guide's steps as JSON, without its slug at the end. */
  source: string;
  /** The password never leaves this page: it is filled in here. */
  fill: PasswordFill;
}

const LOST: ShownGuide = { name: "", needs: "The guide could not be loaded. Please try again." };

/** Shows a guide in place, with the password filled in. Without scripts the form asks the server for the page with it. */
export default function GuideHere({ guides, chosen, guide: first, source, fill }: GuideHereProps) {
  const [guide, setGuide] = useState(first);
  async function show(slug: string) {
    if (slug === "") return setGuide(undefined);
    try {
      const response = await fetch(source + slug);
      setGuide(response.ok ? await response.json() : LOST);
    } catch {
      // The reason is in the browser's console; the reader needs to know what to do.
      setGuide(LOST);
    }
  }
  return (
    <>
      <form class="row" onSubmit={(event) => chooseBy(event, show)}>
        <label>
          Device or program
          <select
            name="guide"
            onChange={({ currentTarget }) => void show(currentTarget.value)}
          >
            <option value="">Choose …</option>
            {[...new Set(guides.map(({ group }) => group))].map((group) => (
              <optgroup key={group} label={group}>
                {guides.filter((one) =>
                  one.group === group
                ).map(({ slug, name }) => (
                  <option key={slug} value={slug} selected={slug === chosen}>{name}</option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <button type="submit" class="quiet">Show</button>
      </form>
      <div aria-live="polite">
        {guide?.name && <h3>{guide.name}</h3>}
      </div>
      {guide && <GuideSteps {...guide} steps={guide.steps ?? []} fill={fill} />}
    </>
  );
}

function chooseBy(event: Event, show: (slug: string) => Promise<void>): void {
  event.preventDefault();
  const { guide } = (event.currentTarget as HTMLFormElement).elements as unknown as {
    guide: HTMLSelectElement;
  };
  void show(guide.value);
}
