// One file, so that all of them share one PostgreSQL server.
import "../testing/store/accounts.ts";
import "../testing/store/administration.ts";
import "../testing/store/app_passwords.ts";
import "../testing/store/deliveries.ts";
import "../testing/store/sealed_values.ts";
import "../testing/store/tokens.ts";
import "../testing/store/web_sessions.ts";
