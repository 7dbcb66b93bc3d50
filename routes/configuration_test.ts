import assert from "node:assert/strict";
import { PagesFixture } from "./(_components)/testing/pages_fixture.ts";

Deno.test("the older proxy's page of settings leads to the account", async () => {
  const response = await new PagesFixture().get("/configuration", "");
  assert.equal(response.status, 308);
  assert.equal(response.headers.get("location"), "/account");
});
