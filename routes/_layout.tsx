import { asset } from "fresh/runtime";
import { Icon } from "../islands/parts/icon.ts";
import {
  activity,
  bookOpen,
  type IconShapes,
  logOut,
  settings,
  user as userIcon,
} from "../islands/parts/icons.ts";
import { isOperator } from "../lib/web/session.ts";
import { define, type State } from "../lib/web/state.ts";
import { PRODUCT } from "./_app.tsx";

/** Header, main part and footer of every page. */
export default define.layout(({ Component, config, url, state }) => {
  const navigation = <Navigation path={url.pathname} state={state} />;
  return (
    <>
      <a class="skip-link" href="#main">Skip to the content</a>
      <header class="site-header">
        <div class="site-bar">
          <a class="site-name" href={state.site.path("/")}>
            <img src={asset("/favicon.svg", config.basePath)} alt="" width={28} height={28} />
            {PRODUCT}
          </a>
          {state.user ? <SignedIn state={state} /> : navigation}
        </div>
        {state.user && navigation}
      </header>
      <main id="main" tabIndex={-1}>
        <Component />
      </main>
      <footer class="site-footer">
        <p>
          {PRODUCT} {state.services.program.version}. Free software; not a product of Microsoft.
        </p>
      </footer>
    </>
  );
});

function SignedIn({ state: { site, user } }: { state: State }) {
  return (
    <form class="signed-in" method="post" action={site.path("/account/sign-out")}>
      <span class="email">{user?.account.email}</span>
      <button type="submit" class="quiet small">
        <Icon shapes={logOut} />
        Sign out
      </button>
    </form>
  );
}

/** A place of the navigation. */
interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: IconShapes;
  isFor(state: State): boolean;
}

const isSignedIn = ({ user }: State) => user !== undefined;

const PLACES: readonly Place[] = [
  { path: "/account", name: "Account", icon: userIcon, isFor: isSignedIn },
  { path: "/guides", name: "Guides", icon: bookOpen, isFor: () => true },
  { path: "/activity", name: "Activity", icon: activity, isFor: isSignedIn },
  { path: "/admin", name: "Admin", icon: settings, isFor: isOperator },
];

function Navigation({ path, state }: { path: string; state: State }) {
  const isHere = (place: string) => path === place || path.startsWith(`${place}/`);
  return (
    <nav class="places" aria-label="Main">
      {PLACES.filter((place) => place.isFor(state)).map(({ path: place, name, icon }) => (
        <a
          key={place}
          href={state.site.path(place)}
          aria-current={isHere(place) ? "page" : undefined}
        >
          <Icon shapes={icon} />
          {name}
        </a>
      ))}
    </nav>
  );
}
