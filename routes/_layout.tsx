import { asset } from "fresh/runtime";
import Flash from "../islands/flash.tsx";
import {
  activity,
  bookOpen,
  Icon,
  type IconShapes,
  logOut,
  menu,
  settings,
  user as userIcon,
} from "../lib/components/mod.ts";
import { define, isOperator, type State } from "../lib/web/mod.ts";
import { Contact } from "./(_components)/contact.tsx";
import { PRODUCT } from "./_app.tsx";
import { SiteNotice } from "./(_components)/site_notice.tsx";

/** Header, main part and footer of every page. */
export default define.layout(({ Component, state }) => {
  const isKnown = state.user !== undefined || state.hasAdminLink;
  const { contact } = state.services;
  return (
    <Contact.Provider value={contact}>
      <a class="skip-link" href="#main">Skip to the content</a>
      <header class="site-header">
        <div class="site-bar">
          <a class="site-name" href={state.site.path("/")}>
            <img src={state.site.path(asset("/favicon.svg"))} alt="" width={28} height={28} />
            {PRODUCT}
          </a>
          {isKnown
            ? (
              <>
                <SignedIn state={state} />
                <details class="menu">
                  <summary>
                    <Icon shapes={menu} />
                    Menu
                  </summary>
                  <div>
                    <Navigation state={state} />
                    <SignedIn state={state} />
                  </div>
                </details>
              </>
            )
            : <Navigation state={state} />}
        </div>
        {isKnown && <Navigation state={state} />}
      </header>
      <SiteNotice text={state.services.siteNotice} />
      <main id="main" tabIndex={-1}>
        {state.flash && <Flash text={state.flash} />}
        <Component />
      </main>
      <footer class="site-footer">
        <p>
          {PRODUCT} {state.services.program.version}. Free software; not a product of Microsoft.
          {contact && (
            <>
              {" "}Operator of this server: <a href={contact.href}>{contact.text}</a>.
            </>
          )}
        </p>
      </footer>
    </Contact.Provider>
  );
});

function SignedIn({ state: { site, user } }: { state: State }) {
  return (
    <form
      class="signed-in"
      method="post"
      action={site.path(user ? "/account/sign-out" : "/setup/end")}
    >
      <span class="email">{user?.account.email ?? "Administration"}</span>
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

function Navigation({ state }: { state: State }) {
  return (
    <nav class="places" aria-label="Main">
      {PLACES.filter((place) => place.isFor(state)).map(({ path, name, icon }) => (
        <a key={path} href={state.site.path(path)}>
          <Icon shapes={icon} />
          {name}
        </a>
      ))}
    </nav>
  );
}
