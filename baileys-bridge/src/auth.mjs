/**
 * What makes this bridge a linked device of a business: credentials and Signal keys, in one table.
 *
 * The library's own store of many files is not used: a full disk left its credentials empty, and with it came a silent
 * new identity. Here every change is one transaction. A change that the disk does not take is reported and thrown: the
 * session stops, and what was there before can still be read.
 */
import { BufferJSON, initAuthCreds, proto } from 'baileys';

/** @typedef {import('./store.mjs').Store} Store */

/** A business was linked once its phone had signed the new device. @param {any} creds */
export function isLinked(creds) {
  return Boolean(creds?.me && creds.account);
}

/** @param {unknown} value */
const written = (value) => JSON.stringify(value, BufferJSON.replacer);
/** @param {string} text */
const read = (text) => JSON.parse(text, BufferJSON.reviver);

/** @param {Store} store @param {number} business @param {string} kind @param {string} id */
function stored(store, business, kind, id) {
  const row = store.get(
    'SELECT value FROM auth WHERE business = ? AND kind = ? AND id = ?',
    business,
    kind,
    id,
  );
  return row ? read(row.value) : null;
}

/** @param {Store} store @param {number} business @param {string} kind @param {string} id @param {unknown} value */
function put(store, business, kind, id, value) {
  store.run(
    `INSERT INTO auth (business, kind, id, value) VALUES (?, ?, ?, ?)
     ON CONFLICT (business, kind, id) DO UPDATE SET value = excluded.value`,
    business,
    kind,
    id,
    written(value),
  );
}

/** @param {Store} store @param {number} business @returns {import('baileys').AuthenticationCreds | null} */
export function storedCreds(store, business) {
  return stored(store, business, 'creds', '');
}

/** @param {Store} store @param {number} business */
export function forget(store, business) {
  store.atomically(() => {
    store.run('DELETE FROM auth WHERE business = ?', business);
    store.run('DELETE FROM known WHERE business = ?', business);
    store.run('UPDATE sessions SET linked_at = NULL, number = NULL WHERE business = ?', business);
  });
}

/**
 * The linked identity, or, where none was ever linked, a new one. What was begun and never linked is thrown away: with
 * half an identity WhatsApp answers «logged out».
 * @param {Store} store @param {number} business @param {(fault: unknown) => void} onFault the disk did not take it
 */
export function openAuth(store, business, onFault) {
  const before = storedCreds(store, business);
  const creds = before && isLinked(before) ? before : initAuthCreds();
  /** @template T @param {() => T} work @returns {T} */
  const guarded = (work) => {
    try {
      return store.atomically(work);
    } catch (fault) {
      onFault(fault);
      throw fault;
    }
  };
  if (creds !== before) guarded(() => begin(store, business, creds));
  return {
    state: { creds, keys: keyStore(store, business, guarded) },
    save: () => guarded(() => put(store, business, 'creds', '', creds)),
  };
}

/** @param {Store} store @param {number} business @param {unknown} creds */
function begin(store, business, creds) {
  store.run('DELETE FROM auth WHERE business = ?', business);
  put(store, business, 'creds', '', creds);
}

/**
 * @param {Store} store @param {number} business @param {<T>(work: () => T) => T} guarded
 * @returns {import('baileys').SignalKeyStore}
 */
function keyStore(store, business, guarded) {
  return {
    get: async (kind, ids) => {
      const found = ids.map((id) => [id, revived(kind, stored(store, business, kind, id))]);
      return Object.fromEntries(found.filter(([, value]) => value !== null));
    },
    set: async (changes) =>
      guarded(() => {
        for (const [kind, values] of Object.entries(changes)) {
          for (const [id, value] of Object.entries(values ?? {})) change(store, business, kind, id, value);
        }
      }),
    clear: async () =>
      void guarded(() => store.run("DELETE FROM auth WHERE business = ? AND kind <> 'creds'", business)),
  };
}

/** @param {Store} store @param {number} business @param {string} kind @param {string} id @param {unknown} value */
function change(store, business, kind, id, value) {
  if (value) put(store, business, kind, id, value);
  else store.run('DELETE FROM auth WHERE business = ? AND kind = ? AND id = ?', business, kind, id);
}

/** The library wants these as its own objects. @param {string} kind @param {any} value */
function revived(kind, value) {
  return kind === 'app-state-sync-key' && value ? proto.Message.AppStateSyncKeyData.fromObject(value) : value;
}

/**
 * The phone behind a LID, as far as the library has learnt it; the key's form is that of its `lid-mapping` store.
 * @param {Store} store @param {number} business @param {string} lid digits @returns {string | null} digits
 */
export function phoneOfLid(store, business, lid) {
  const digits = stored(store, business, 'lid-mapping', `${lid}_reverse`);
  return typeof digits === 'string' ? digits : null;
}

/** @param {Store} store @param {number} business @param {string} phone digits @returns {string | null} digits */
export function lidOfPhone(store, business, phone) {
  const digits = stored(store, business, 'lid-mapping', phone);
  return typeof digits === 'string' ? digits : null;
}

/** Businesses to connect at start. @param {Store} store @returns {number[]} */
export function linkedBusinesses(store) {
  const rows = store.all("SELECT business FROM auth WHERE kind = 'creds'");
  return rows.map((row) => row.business).filter((business) => isLinked(storedCreds(store, business)));
}
