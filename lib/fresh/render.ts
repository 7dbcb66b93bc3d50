import { h, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Context, PageProps, RouteComponent } from "./context.ts";
import { islandScripts } from "./islands.ts";
import { type RenderScope, withinRender } from "./render_scope.ts";

/** An element of a page, a layout or the app wrapper. */
export function createView<State>(
  { config, url, req, params, info, state, error }: Context<State>,
  component: RouteComponent<State>,
  data: unknown,
  child: VNode | null,
): VNode {
  const context = { config, url, req, params, info, state, error };
  const props: PageProps<unknown, State> = { ...context, data, Component: () => child };
  return h(component, props) as VNode;
}

/** A whole page as HTML: the app wrapper around the layouts around `content`, with the scripts of its islands. */
export function renderDocument<State>(ctx: Context<State>, content: VNode | null): string {
  const { frame: { app, layouts }, snapshot, config: { basePath } } = ctx;
  const tree = [...app ? [app] : [], ...layouts].reduceRight(
    (child, component) => createView(ctx, component, undefined, child),
    content,
  );
  const scope: RenderScope = { snapshot, islands: [] };
  const html = withinRender(scope, () => renderToString(tree ?? h("body", null)));
  const scripts = islandScripts(scope.islands, snapshot?.bootScript, basePath);
  return "<!DOCTYPE html>" + insertAtEndOfBody(html, scripts);
}

function insertAtEndOfBody(html: string, scripts: string): string {
  const end = html.lastIndexOf("</body>");
  return end < 0 ? html + scripts : html.slice(0, end) + scripts + html.slice(end);
}
