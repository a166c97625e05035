/**
 * Two SQLite files in one folder.
 *
 * `bridge.db` holds what must survive the loss of power: credentials, the journal of events, sends. A commit there is on
 * the disk. `notes.db` holds what must survive the end of this process only: signatures seen, messages that arrived.
 * A third file, `bridge.lock`, is held for as long as the process lives: two bridges on one folder would take each
 * other's sessions away.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';

const VERSION = 1;

const BRIDGE = `
CREATE TABLE IF NOT EXISTS auth (
  business INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (business, kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
  business INTEGER PRIMARY KEY, linked_at INTEGER, number TEXT, lost INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, business INTEGER NOT NULL, lane TEXT NOT NULL, event TEXT NOT NULL,
  data TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS journal_lane ON journal (business, lane, seq);
CREATE TABLE IF NOT EXISTS seen (
  business INTEGER NOT NULL, chat TEXT NOT NULL, from_me INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (business, id, chat, from_me)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_at ON seen (at);
CREATE TABLE IF NOT EXISTS sends (
  business INTEGER NOT NULL, id TEXT NOT NULL, chat TEXT NOT NULL, state TEXT NOT NULL, code TEXT, payload TEXT,
  at INTEGER NOT NULL, PRIMARY KEY (business, id));
CREATE INDEX IF NOT EXISTS sends_at ON sends (at);
CREATE TABLE IF NOT EXISTS media (
  id TEXT PRIMARY KEY, business INTEGER NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS media_at ON media (at);
CREATE TABLE IF NOT EXISTS known (
  business INTEGER NOT NULL, number TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (business, number)) WITHOUT ROWID;
`;

const NOTES = `
CREATE TABLE IF NOT EXISTS replays (signature TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS arrivals (
  business INTEGER NOT NULL, id TEXT NOT NULL, envelope TEXT NOT NULL, sealed TEXT, at INTEGER NOT NULL,
  PRIMARY KEY (business, id));
CREATE TABLE IF NOT EXISTS opened (
  business INTEGER NOT NULL, sealed TEXT NOT NULL, plain TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (business, sealed)) WITHOUT ROWID;
`;

/** SQLite did not do what it was asked: a full disk, a file that cannot be read. */
export class StoreFault extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @template T @param {() => T} work @returns {T} */
function asked(work) {
  try {
    return work();
  } catch (fault) {
    throw new StoreFault(fault);
  }
}

/** One SQLite file, used from one thread: every call is done when it returns. */
export class Store {
  #database;
  /** @type {Map<string, any>} */
  #statements = new Map();
  #inside = false;

  /** @param {string} path @param {{ synchronous: 'FULL' | 'NORMAL', schema: string }} options */
  constructor(path, { synchronous, schema }) {
    this.#database = new Database(path);
    this.#database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA busy_timeout = 5000`,
    );
    this.#refuseNewer(path);
    this.#database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${VERSION}; COMMIT`);
  }

  /** @param {string} path */
  #refuseNewer(path) {
    const row = this.get('PRAGMA user_version');
    if (row && row.user_version > VERSION)
      throw new Error(`${path} was written by a newer version of the bridge`);
  }

  /** @param {string} sql */
  #prepared(sql) {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** @param {string} sql @param {...unknown} values @returns {number} how many rows it changed */
  run(sql, ...values) {
    return asked(() => this.#prepared(sql).run(...values).changes);
  }

  /** @param {string} sql @param {...unknown} values @returns {any} */
  get(sql, ...values) {
    return asked(() => this.#prepared(sql).get(...values));
  }

  /** @param {string} sql @param {...unknown} values @returns {any[]} */
  all(sql, ...values) {
    return asked(() => this.#prepared(sql).all(...values));
  }

  /**
   * All of it or nothing. `work` must not wait for anything; inside another it is part of that one.
   * @template T @param {() => T} work @returns {T}
   */
  atomically(work) {
    if (this.#inside) return work();
    asked(() => this.#database.exec('BEGIN IMMEDIATE'));
    this.#inside = true;
    try {
      const result = work();
      asked(() => this.#database.exec('COMMIT'));
      return result;
    } catch (fault) {
      this.#rollBack();
      throw fault;
    } finally {
      this.#inside = false;
    }
  }

  /** After some faults, a full disk among them, SQLite has rolled back by itself. */
  #rollBack() {
    try {
      this.#database.exec('ROLLBACK');
    } catch {}
  }

  /** @param {string} sql */
  exec(sql) {
    this.#database.exec(sql);
  }

  close() {
    this.#statements.clear();
    this.#database.close();
  }
}

/** @param {string} folder */
function lock(folder) {
  const database = new Database(join(folder, 'bridge.lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch {
    throw new Error(`Another bridge is running on ${folder}`);
  }
  return database;
}

/**
 * @param {string} folder made if it is not there
 */
export function openStores(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const held = lock(folder);
  const bridge = new Store(join(folder, 'bridge.db'), { synchronous: 'FULL', schema: BRIDGE });
  const notes = new Store(join(folder, 'notes.db'), { synchronous: 'NORMAL', schema: NOTES });
  const close = () => {
    notes.close();
    bridge.close();
    held.close();
  };
  return { bridge, notes, close };
}
