/**
 * The schema of the SQLite database, as a list of steps. A step that was released is never changed.
 *
 * @module
 */

/** Fills the counters of the charts from the deliveries. After that, each write of deliveries counts them. */
export const COUNT_DELIVERIES = `
  INSERT INTO delivery_hours
    SELECT at_ms - at_ms % 3600000 AS hour_ms, outcome, count(*) FROM deliveries
    WHERE stage <> 'auth' GROUP BY hour_ms, outcome;
  INSERT INTO delivery_days
    SELECT account_id, at_ms - at_ms % 86400000 AS day_ms, outcome, count(*) FROM deliveries
    WHERE stage <> 'auth' GROUP BY account_id, day_ms, outcome;`;

/** Selects the rows of `logins`, with a condition to follow. */
const LOGIN_ROWS = `
  SELECT hash, app_passwords.id, account_id, allowed_sender, forced_sender, allowed_recipients, daily_limit,
    app_only, client_id, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email, email_verified,
    is_invited, short_name, state, state_reason
  FROM app_passwords JOIN accounts ON accounts.id = account_id`;

/** Step n migrates a database from version n to n + 1 (`PRAGMA user_version`). */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE,
    email_verified INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    client_id TEXT NOT NULL,
    short_name TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('active', 'sign-in-required')),
    state_reason TEXT,
    state_since_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    signed_in_at_ms INTEGER NOT NULL,
    refreshed_at_ms INTEGER NOT NULL,
    UNIQUE (tenant_id, object_id)
  ) STRICT;
  CREATE INDEX accounts_by_email ON accounts (email);
  CREATE INDEX accounts_by_refresh ON accounts (state, refreshed_at_ms);

  CREATE TABLE tokens (
    account_id TEXT PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE app_passwords (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    allowed_sender TEXT,
    imported INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    last_used_at_ms INTEGER,
    last_used_address TEXT
  ) STRICT;
  CREATE INDEX app_passwords_by_account ON app_passwords (account_id);

  CREATE TABLE web_sessions (
    id_hash BLOB PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX web_sessions_by_account ON web_sessions (account_id);
  CREATE INDEX web_sessions_by_expiry ON web_sessions (expires_at_ms);

  -- AUTOINCREMENT: an id is never used again, so "newer than this id" stays true after old rows are deleted.
  CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    app_password_id TEXT NOT NULL,
    client_address TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient_count INTEGER NOT NULL,
    recipients TEXT,
    size_octets INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    reply TEXT,
    queue_id TEXT,
    outcome TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_by_account ON deliveries (account_id, id);
  CREATE INDEX deliveries_by_time ON deliveries (at_ms);

  -- Tells all processes what to cut. Rows go in by themselves, whoever deletes, and for whatever reason.
  CREATE TABLE revocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id TEXT NOT NULL,
    app_password_id TEXT
  ) STRICT;
  CREATE TRIGGER app_password_revoked AFTER DELETE ON app_passwords BEGIN
    INSERT INTO revocations (account_id, app_password_id) VALUES (old.account_id, old.id);
  END;
  CREATE TRIGGER account_revoked AFTER DELETE ON accounts BEGIN
    INSERT INTO revocations (account_id) VALUES (old.id);
  END;
  `,
  // The sign-in name beside the mail address. A table's CHECK can only be changed by a new table; foreign keys are off here.
  `
  CREATE TABLE new_accounts (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    sign_in_name TEXT NOT NULL COLLATE NOCASE,
    sign_in_name_confirmed INTEGER NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE,
    email_verified INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    client_id TEXT NOT NULL,
    short_name TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('active', 'refused', 'sign-in-required')),
    state_reason TEXT,
    state_since_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    signed_in_at_ms INTEGER NOT NULL,
    refreshed_at_ms INTEGER NOT NULL,
    UNIQUE (tenant_id, object_id)
  ) STRICT;
  INSERT INTO new_accounts
  SELECT id, tenant_id, object_id, email, 0, email, email_verified, display_name, client_id, short_name,
    state, state_reason, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms
  FROM accounts;
  DROP TABLE accounts;
  ALTER TABLE new_accounts RENAME TO accounts;
  CREATE INDEX accounts_by_email ON accounts (email);
  CREATE INDEX accounts_by_sign_in_name ON accounts (sign_in_name);
  CREATE INDEX accounts_by_refresh ON accounts (state, refreshed_at_ms);
  CREATE TRIGGER account_revoked AFTER DELETE ON accounts BEGIN
    INSERT INTO revocations (account_id) VALUES (old.id);
  END;

  -- Transactions that were refused before their data, and refused logins.
  ALTER TABLE deliveries ADD COLUMN stage TEXT NOT NULL DEFAULT 'data';
  ALTER TABLE deliveries ADD COLUMN refused_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deliveries ADD COLUMN refused_reply TEXT;
  ALTER TABLE deliveries ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE deliveries ADD COLUMN cause TEXT;
  CREATE INDEX refused_logins ON deliveries (account_id, at_ms) WHERE stage = 'auth';
  `,
  // App passwords that always send as the mailbox, and the senders that were rewritten.
  `
  ALTER TABLE app_passwords ADD COLUMN forced_sender INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deliveries ADD COLUMN original_sender TEXT;
  ALTER TABLE deliveries ADD COLUMN original_from TEXT;
  `,
  // Mailboxes that nobody signs in to.
  `
  ALTER TABLE accounts ADD COLUMN app_only INTEGER NOT NULL DEFAULT 0;
  `,
  // Limits of app passwords, and the client addresses that stand for one.
  `
  ALTER TABLE app_passwords ADD COLUMN allowed_recipients TEXT;
  ALTER TABLE app_passwords ADD COLUMN daily_limit INTEGER;
  ALTER TABLE app_passwords ADD COLUMN client_addresses TEXT;
  CREATE INDEX app_passwords_by_address ON app_passwords (id) WHERE client_addresses IS NOT NULL;
  CREATE INDEX deliveries_by_app_password ON deliveries (app_password_id, at_ms);
  `,
  // Administration without an account, and who did what.
  `
  CREATE TABLE admin_grants (
    hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_time ON audit (at_ms);
  `,
  // Pages that cost the same for any number of rows: every order has an index, and charts add up counters.
  `
  DROP INDEX accounts_by_email;
  CREATE INDEX accounts_by_email ON accounts (email, id);
  CREATE INDEX accounts_by_state ON accounts (state DESC, email, id);
  CREATE INDEX accounts_by_renewal ON accounts (refreshed_at_ms DESC, email, id);
  CREATE INDEX accounts_by_age ON accounts (created_at_ms DESC, email, id);
  CREATE INDEX accounts_by_client ON accounts (client_id);
  CREATE INDEX mailboxes_by_email ON accounts (app_only, email, id);

  CREATE INDEX deliveries_by_account_time ON deliveries (account_id, at_ms);
  CREATE INDEX failures_by_account ON deliveries (account_id, at_ms) WHERE outcome <> 'accepted';

  CREATE TABLE delivery_hours (
    hour_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE delivery_days (
    account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    day_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (account_id, day_ms, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_days_by_time ON delivery_days (day_ms);
  ${COUNT_DELIVERIES}
  `,
  // Ends of client secrets, as administrators enter them.
  `
  CREATE TABLE secret_ends (
    client_id TEXT PRIMARY KEY,
    ends_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Rules of app passwords that change while sessions use them.
  `
  ALTER TABLE revocations ADD COLUMN is_change INTEGER NOT NULL DEFAULT 0;
  CREATE TRIGGER app_password_changed
  AFTER UPDATE OF allowed_sender, forced_sender, allowed_recipients, daily_limit, client_addresses ON app_passwords
  BEGIN
    INSERT INTO revocations (account_id, app_password_id, is_change) VALUES (old.account_id, old.id, 1);
  END;
  `,
  // Values of the program itself, such as the tokens of applications.
  `
  CREATE TABLE sealed_values (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // When something was done last that a new start is not to repeat too soon.
  `
  CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Invitations to sign in, and the accounts that they have admitted.
  `
  ALTER TABLE accounts ADD COLUMN is_invited INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    uses_left INTEGER
  ) STRICT;
  `,
  // Mailboxes in the order of their states, which pages of an organisation show.
  `
  CREATE INDEX mailboxes_by_state ON accounts (app_only, state DESC, email, id);
  `,
  // All that a login needs in one row, found by the hash alone. Triggers keep it in step, whoever writes.
  `
  CREATE TABLE logins (
    hash BLOB PRIMARY KEY,
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    allowed_sender TEXT,
    forced_sender INTEGER NOT NULL,
    allowed_recipients TEXT,
    daily_limit INTEGER,
    app_only INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    sign_in_name TEXT NOT NULL,
    sign_in_name_confirmed INTEGER NOT NULL,
    email TEXT NOT NULL,
    email_verified INTEGER NOT NULL,
    is_invited INTEGER NOT NULL,
    short_name TEXT,
    state TEXT NOT NULL,
    state_reason TEXT
  ) STRICT, WITHOUT ROWID;
  INSERT INTO logins ${LOGIN_ROWS} ORDER BY hash;
  CREATE TRIGGER login_added AFTER INSERT ON app_passwords BEGIN
    INSERT INTO logins ${LOGIN_ROWS} WHERE app_passwords.id = new.id;
  END;
  CREATE TRIGGER login_removed AFTER DELETE ON app_passwords BEGIN
    DELETE FROM logins WHERE hash = old.hash;
  END;
  CREATE TRIGGER login_changed
  AFTER UPDATE OF hash, allowed_sender, forced_sender, allowed_recipients, daily_limit ON app_passwords
  BEGIN
    DELETE FROM logins WHERE hash = old.hash;
    INSERT INTO logins ${LOGIN_ROWS} WHERE app_passwords.id = new.id;
  END;
  CREATE TRIGGER login_owner_changed
  AFTER UPDATE OF client_id, sign_in_name, sign_in_name_confirmed, email, email_verified, is_invited,
    short_name, state, state_reason ON accounts
  BEGIN
    REPLACE INTO logins ${LOGIN_ROWS} WHERE account_id = new.id;
  END;
  `,
];
