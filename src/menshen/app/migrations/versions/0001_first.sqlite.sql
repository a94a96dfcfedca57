CREATE TABLE accounts (
	account_id TEXT NOT NULL,
	realm TEXT NOT NULL CONSTRAINT ck_accounts_realm CHECK (realm in ('customer', 'operator')),
	state TEXT NOT NULL CONSTRAINT ck_accounts_state CHECK (state in ('invited', 'active', 'suspended', 'locked', 'closing', 'erased')),
	state_before TEXT,
	state_since INTEGER NOT NULL,
	closing_until INTEGER,
	version INTEGER DEFAULT '1' NOT NULL,
	epoch INTEGER DEFAULT '1' NOT NULL,
	methods TEXT DEFAULT '[]' NOT NULL,
	group_names TEXT DEFAULT '[]',
	must_change_why TEXT,
	must_change_since INTEGER,
	must_change_by INTEGER,
	password_class TEXT,
	password_changed_at INTEGER,
	last_seen_day INTEGER,
	locale TEXT,
	time_zone TEXT,
	display_name TEXT,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_accounts PRIMARY KEY (account_id)
)
 STRICT;

CREATE INDEX ix_accounts_group_names ON accounts (group_names);

CREATE INDEX ix_accounts_must_change_why_account_id ON accounts (must_change_why, account_id);

CREATE INDEX ix_accounts_realm_state_account_id ON accounts (realm, state, account_id);

CREATE TABLE accounts_identifiers (
	identifier_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	realm TEXT NOT NULL,
	kind TEXT NOT NULL CONSTRAINT ck_accounts_identifiers_kind CHECK (kind in ('user_name', 'email', 'phone')),
	normal TEXT NOT NULL,
	skeleton TEXT NOT NULL,
	shown TEXT NOT NULL,
	state TEXT NOT NULL CONSTRAINT ck_accounts_identifiers_state CHECK (state in ('claimed', 'verified')),
	since INTEGER NOT NULL,
	rank INTEGER NOT NULL,
	CONSTRAINT pk_accounts_identifiers PRIMARY KEY (identifier_id),
	CONSTRAINT uq_accounts_identifiers_realm_skeleton UNIQUE (realm, skeleton)
)
 STRICT;

CREATE INDEX ix_accounts_identifiers_account_id ON accounts_identifiers (account_id);

CREATE INDEX ix_accounts_identifiers_realm_normal ON accounts_identifiers (realm, normal);

CREATE TABLE accounts_groups (
	realm TEXT NOT NULL,
	name TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_accounts_groups PRIMARY KEY (realm, name)
)
 STRICT;

CREATE TABLE accounts_memberships (
	realm TEXT NOT NULL,
	group_name TEXT NOT NULL,
	account_id TEXT NOT NULL,
	CONSTRAINT pk_accounts_memberships PRIMARY KEY (realm, group_name, account_id)
)
 STRICT;

CREATE INDEX ix_accounts_memberships_account_id ON accounts_memberships (account_id);

CREATE TABLE accounts_external_ids (
	realm TEXT NOT NULL,
	system TEXT NOT NULL,
	external_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	CONSTRAINT pk_accounts_external_ids PRIMARY KEY (realm, system, external_id)
)
 STRICT;

CREATE INDEX ix_accounts_external_ids_account_id ON accounts_external_ids (account_id);

CREATE TABLE accounts_facts (
	fact_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	sealed BLOB NOT NULL,
	recorded_at INTEGER NOT NULL,
	CONSTRAINT pk_accounts_facts PRIMARY KEY (fact_id),
	CONSTRAINT uq_accounts_facts_account_id_kind UNIQUE (account_id, kind)
)
 STRICT;

CREATE TABLE accounts_consents (
	consent_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	document TEXT NOT NULL,
	version TEXT NOT NULL,
	given_at INTEGER NOT NULL,
	how TEXT NOT NULL,
	withdrawn_at INTEGER,
	CONSTRAINT pk_accounts_consents PRIMARY KEY (consent_id)
)
 STRICT;

CREATE INDEX ix_accounts_consents_account_id ON accounts_consents (account_id);

CREATE TABLE accounts_search_keys (
	realm TEXT NOT NULL,
	kind TEXT NOT NULL,
	shelf INTEGER NOT NULL,
	account_id TEXT NOT NULL,
	"key" TEXT NOT NULL,
	initials TEXT NOT NULL,
	CONSTRAINT pk_accounts_search_keys PRIMARY KEY (realm, kind, shelf, account_id, "key", initials)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX ix_accounts_search_keys_account_id ON accounts_search_keys (account_id);

CREATE TABLE codes (
	id TEXT NOT NULL,
	slot TEXT NOT NULL,
	purpose TEXT NOT NULL,
	kind TEXT NOT NULL,
	account_id TEXT,
	bound_to TEXT,
	digest BLOB NOT NULL,
	facts BLOB,
	made_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	ended_at INTEGER,
	tries_left INTEGER NOT NULL,
	CONSTRAINT pk_codes PRIMARY KEY (id),
	CONSTRAINT uq_codes_slot UNIQUE (slot)
)
 STRICT;

CREATE INDEX ix_codes_account_id ON codes (account_id);

CREATE INDEX ix_codes_digest ON codes (digest);

CREATE INDEX ix_codes_expires_at ON codes (expires_at);

CREATE TABLE passwords (
	account_id TEXT NOT NULL,
	sealed BLOB NOT NULL,
	scheme TEXT NOT NULL,
	set_at INTEGER NOT NULL,
	weak INTEGER DEFAULT '0' NOT NULL CONSTRAINT ck_passwords_weak CHECK (weak in (0, 1)),
	CONSTRAINT pk_passwords PRIMARY KEY (account_id)
)
 STRICT;

CREATE INDEX ix_passwords_scheme ON passwords (scheme);

CREATE INDEX ix_passwords_weak ON passwords (weak);

CREATE TABLE password_history (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	sealed BLOB NOT NULL,
	retired_at INTEGER NOT NULL,
	CONSTRAINT pk_password_history PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX ix_password_history_account_id ON password_history (account_id, retired_at);

CREATE TABLE hash_costs (
	id INTEGER NOT NULL,
	memory_kib INTEGER NOT NULL,
	iterations INTEGER NOT NULL,
	measured_at INTEGER NOT NULL,
	CONSTRAINT pk_hash_costs PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	xid INTEGER NOT NULL,
	id TEXT NOT NULL,
	at INTEGER NOT NULL,
	code TEXT NOT NULL,
	account_id TEXT,
	actor TEXT,
	realm TEXT NOT NULL,
	outcome TEXT NOT NULL,
	correlation TEXT NOT NULL,
	body TEXT NOT NULL,
	personal TEXT,
	leaf BLOB NOT NULL,
	CONSTRAINT ck_events_outcome CHECK (outcome in ('done', 'refused', 'failed'))
)
 STRICT;

CREATE INDEX ix_events_account_id_at_seq ON events (account_id, at, seq);

CREATE INDEX ix_events_at ON events (at);

CREATE INDEX ix_events_id ON events (id);

CREATE INDEX ix_events_xid_seq ON events (xid, seq);

CREATE TABLE event_leaves (
	seq INTEGER NOT NULL,
	xid INTEGER NOT NULL,
	at INTEGER NOT NULL,
	leaf BLOB NOT NULL,
	CONSTRAINT pk_event_leaves PRIMARY KEY (seq)
)
 STRICT;

CREATE TABLE readers (
	name TEXT NOT NULL,
	xid INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	moved_at INTEGER NOT NULL,
	CONSTRAINT pk_readers PRIMARY KEY (name)
)
 STRICT;

CREATE TABLE event_counts (
	grain TEXT NOT NULL,
	since INTEGER NOT NULL,
	realm TEXT NOT NULL,
	code TEXT NOT NULL,
	outcome TEXT NOT NULL,
	count INTEGER NOT NULL,
	CONSTRAINT pk_event_counts PRIMARY KEY (grain, since, realm, code, outcome)
)
 STRICT;

CREATE TABLE claims (
	work TEXT NOT NULL,
	holder TEXT NOT NULL,
	until INTEGER NOT NULL,
	CONSTRAINT pk_claims PRIMARY KEY (work)
)
 STRICT;

CREATE TABLE legal_holds (
	id TEXT NOT NULL,
	account_id TEXT,
	since INTEGER,
	until INTEGER,
	reason TEXT NOT NULL,
	placed_at INTEGER NOT NULL,
	placed_by TEXT NOT NULL,
	released_at INTEGER,
	CONSTRAINT pk_legal_holds PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX ix_legal_holds_account_id ON legal_holds (account_id);

CREATE TABLE keys (
	id TEXT NOT NULL,
	kind TEXT NOT NULL CONSTRAINT ck_keys_kind CHECK (kind in ('seal', 'mac')),
	wrapped BLOB NOT NULL,
	state TEXT NOT NULL CONSTRAINT ck_keys_state CHECK (state in ('current', 'old', 'retired')),
	created_at INTEGER NOT NULL,
	retired_at INTEGER,
	CONSTRAINT pk_keys PRIMARY KEY (id)
)
 STRICT;

CREATE UNIQUE INDEX uq_keys_current ON keys (kind) WHERE state = 'current';

CREATE TABLE sign_ups (
	id TEXT NOT NULL,
	token_hash BLOB NOT NULL,
	step TEXT NOT NULL,
	named BLOB NOT NULL,
	expires_at INTEGER NOT NULL,
	CONSTRAINT pk_sign_ups PRIMARY KEY (id),
	CONSTRAINT uq_sign_ups_token_hash UNIQUE (token_hash)
)
 STRICT;

CREATE INDEX ix_sign_ups_expires_at ON sign_ups (expires_at);

CREATE TABLE address_changes (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	step TEXT NOT NULL,
	swap BLOB NOT NULL,
	epoch INTEGER NOT NULL,
	revert_hash BLOB,
	done_at INTEGER,
	expires_at INTEGER NOT NULL,
	CONSTRAINT pk_address_changes PRIMARY KEY (id),
	CONSTRAINT uq_address_changes_revert_hash UNIQUE (revert_hash)
)
 STRICT;

CREATE INDEX ix_address_changes_account_id ON address_changes (account_id);

CREATE INDEX ix_address_changes_expires_at ON address_changes (expires_at);

CREATE TABLE outbox (
	id TEXT NOT NULL,
	code TEXT NOT NULL,
	realm TEXT NOT NULL,
	account_id TEXT,
	addresses BLOB,
	place INTEGER NOT NULL,
	locale TEXT NOT NULL,
	facts BLOB,
	line TEXT NOT NULL,
	state TEXT NOT NULL,
	tries INTEGER NOT NULL,
	next_at INTEGER NOT NULL,
	claim TEXT,
	lease_until INTEGER NOT NULL,
	made_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	done_at INTEGER,
	once TEXT,
	reason TEXT NOT NULL,
	CONSTRAINT pk_outbox PRIMARY KEY (id),
	CONSTRAINT uq_outbox_once UNIQUE (once)
)
 STRICT;

CREATE INDEX ix_outbox_account_id ON outbox (account_id);

CREATE INDEX ix_outbox_expires_at ON outbox (expires_at);

CREATE INDEX ix_outbox_state_next_at ON outbox (state, next_at);

CREATE TABLE operators_roles (
	account_id TEXT NOT NULL,
	role TEXT NOT NULL,
	since INTEGER NOT NULL,
	given_by TEXT NOT NULL,
	CONSTRAINT pk_operators_roles PRIMARY KEY (account_id, role)
)
 STRICT;

CREATE INDEX ix_operators_roles_role ON operators_roles (role);

CREATE TABLE operators_settled (
	one INTEGER NOT NULL CONSTRAINT ck_operators_settled_one CHECK (one = 1),
	at INTEGER NOT NULL,
	CONSTRAINT pk_operators_settled PRIMARY KEY (one)
)
 STRICT;

CREATE TABLE act_runs (
	id TEXT NOT NULL,
	verb TEXT NOT NULL,
	account_id TEXT NOT NULL,
	arguments TEXT,
	who TEXT NOT NULL,
	why TEXT,
	at INTEGER NOT NULL,
	kept TEXT,
	undone_at INTEGER,
	undone_by TEXT,
	CONSTRAINT pk_act_runs PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX ix_act_runs_account_id ON act_runs (account_id, id);

CREATE TABLE policies (
	name TEXT NOT NULL,
	number INTEGER NOT NULL,
	document TEXT NOT NULL,
	valid_from INTEGER NOT NULL,
	saved_at INTEGER NOT NULL,
	saved_by TEXT NOT NULL,
	CONSTRAINT pk_policies PRIMARY KEY (name, number)
)
 STRICT;

CREATE TABLE policy_assignments (
	group_name TEXT NOT NULL,
	policy TEXT NOT NULL,
	assigned_at INTEGER NOT NULL,
	assigned_by TEXT NOT NULL,
	CONSTRAINT pk_policy_assignments PRIMARY KEY (group_name)
)
 STRICT;

CREATE TABLE policy_edition (
	id INTEGER NOT NULL,
	mark TEXT NOT NULL,
	CONSTRAINT pk_policy_edition PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE recoveries (
	id TEXT NOT NULL,
	token_hash BLOB NOT NULL,
	account_id TEXT,
	named BLOB NOT NULL,
	step TEXT NOT NULL,
	how TEXT NOT NULL,
	epoch INTEGER NOT NULL,
	made_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	CONSTRAINT pk_recoveries PRIMARY KEY (id),
	CONSTRAINT uq_recoveries_token_hash UNIQUE (token_hash)
)
 STRICT;

CREATE INDEX ix_recoveries_account_id ON recoveries (account_id);

CREATE INDEX ix_recoveries_expires_at ON recoveries (expires_at);

CREATE TABLE change_reasons (
	reason_id TEXT NOT NULL,
	account_id TEXT,
	scope TEXT NOT NULL,
	cause TEXT NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	who TEXT NOT NULL,
	written_at INTEGER NOT NULL,
	lifted_at INTEGER,
	lifted_by TEXT,
	CONSTRAINT pk_change_reasons PRIMARY KEY (reason_id)
)
 STRICT;

CREATE INDEX ix_change_reasons_account_id ON change_reasons (account_id);

CREATE TABLE rotation_edition (
	id INTEGER NOT NULL,
	mark TEXT NOT NULL,
	CONSTRAINT pk_rotation_edition PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE sessions (
	token_hash BLOB NOT NULL,
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	realm TEXT NOT NULL,
	host TEXT NOT NULL,
	parent TEXT,
	epoch INTEGER NOT NULL,
	proofs TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	last_seen_at INTEGER NOT NULL,
	browser TEXT NOT NULL,
	source TEXT NOT NULL,
	place TEXT NOT NULL,
	device_id TEXT,
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash),
	CONSTRAINT uq_sessions_id UNIQUE (id)
)
 STRICT;

CREATE INDEX ix_sessions_account_id ON sessions (account_id);

CREATE INDEX ix_sessions_last_seen_at ON sessions (last_seen_at);

CREATE TABLE devices (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	token_hash BLOB NOT NULL,
	browser TEXT NOT NULL,
	place TEXT NOT NULL,
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	CONSTRAINT pk_devices PRIMARY KEY (id),
	CONSTRAINT uq_devices_token_hash_account_id UNIQUE (token_hash, account_id)
)
 STRICT;

CREATE INDEX ix_devices_account_id ON devices (account_id);

CREATE TABLE apps (
	origin TEXT NOT NULL,
	name TEXT NOT NULL,
	added_at INTEGER NOT NULL,
	CONSTRAINT pk_apps PRIMARY KEY (origin)
)
 STRICT;

CREATE TABLE attempts (
	id TEXT NOT NULL,
	token_hash BLOB NOT NULL,
	account_id TEXT NOT NULL,
	realm TEXT NOT NULL,
	epoch INTEGER NOT NULL,
	proofs TEXT NOT NULL,
	step TEXT NOT NULL,
	target TEXT NOT NULL,
	bound TEXT NOT NULL,
	remember INTEGER DEFAULT '0' NOT NULL CONSTRAINT ck_attempts_remember CHECK (remember in (0, 1)),
	expires_at INTEGER NOT NULL,
	CONSTRAINT pk_attempts PRIMARY KEY (id),
	CONSTRAINT uq_attempts_token_hash UNIQUE (token_hash)
)
 STRICT;

CREATE INDEX ix_attempts_account_id ON attempts (account_id);

CREATE INDEX ix_attempts_expires_at ON attempts (expires_at);

CREATE TABLE throttle_budgets (
	"key" BLOB NOT NULL,
	full_at INTEGER NOT NULL,
	shut_until INTEGER NOT NULL,
	times_shut INTEGER NOT NULL,
	stale_at INTEGER NOT NULL,
	CONSTRAINT pk_throttle_budgets PRIMARY KEY ("key")
)
 STRICT;

CREATE INDEX ix_throttle_budgets_stale_at ON throttle_budgets (stale_at);
