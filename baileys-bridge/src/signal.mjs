/**
 * The library's encryption, so that neither the end of the process nor two messages at once spoil a session.
 *
 * The library changes sessions inside its own transactions, which end long after: for a message that is sent, when its
 * frame has left. Had the process ended between, the other side would go on with a session that we never heard of, and
 * nothing it writes could be read; and a message that comes in meanwhile changes the same session in a transaction of its
 * own, so that one change undoes the other. Here one thing at a time is encrypted or decrypted, and the new state of its
 * session is on the disk when that is done.
 *
 * Nor can a message be decrypted twice. So its plain bytes are kept before the session's new state is, and are given out
 * again when the same message comes again.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { DEFAULT_CONNECTION_CONFIG } from 'baileys';

/**
 * @typedef {Parameters<typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository>} Parts
 * @typedef {import('baileys').SignalKeyStore} KeyStore
 * @typedef {import('baileys').SignalKeyStoreWithTransaction} Transactions
 *
 * @typedef {object} Decrypted
 * @property {(sealed: Uint8Array, plain: Uint8Array) => void} keep
 * @property {(sealed: Uint8Array) => Uint8Array | null} find
 *
 * @typedef {object} Job one message that is decrypted
 * @property {Uint8Array} sealed
 * @property {Record<string, any>} sessions changed by it and not stored yet
 */

/**
 * @param {Parts} parts what the library makes its repository of
 * @param {KeyStore} store beneath the library's transactions and caches
 * @param {Decrypted} decrypted
 */
export function carefulRepository([auth, logger, lookUp], store, decrypted) {
  /** @type {AsyncLocalStorage<Job>} */
  const jobs = new AsyncLocalStorage();
  const keys = sessionKeys(/** @type {Transactions} */ (auth.keys), store, jobs, decrypted);
  const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ ...auth, keys }, logger, lookUp);
  const inTurn = turns();
  const [encrypt, decrypt] = [repository.encryptMessage, repository.decryptMessage];
  repository.encryptMessage = (parcel) => inTurn(() => encrypt.call(repository, parcel));
  repository.decryptMessage = async (parcel) => {
    const job = { sealed: parcel.ciphertext, sessions: {} };
    try {
      return await inTurn(() => jobs.run(job, () => decrypt.call(repository, parcel)));
    } catch (fault) {
      const before = decrypted.find(parcel.ciphertext);
      if (before) return before;
      throw fault;
    }
  };
  return repository;
}

/**
 * The library's keys, but for sessions, which go past its transactions.
 * @param {Transactions} keys @param {KeyStore} store @param {AsyncLocalStorage<Job>} jobs @param {Decrypted} decrypted
 * @returns {Transactions}
 */
function sessionKeys(keys, store, jobs, decrypted) {
  return {
    ...keys,
    get: async (kind, ids) => {
      if (kind !== 'session') return keys.get(kind, ids);
      const changed = jobs.getStore()?.sessions ?? {};
      const found = { ...(await store.get(kind, ids)), ...changed };
      return Object.fromEntries(ids.filter((id) => found[id]).map((id) => [id, found[id]]));
    },
    set: async ({ session, ...others }) => {
      if (Object.keys(others).length > 0) await keys.set(others);
      const job = jobs.getStore();
      if (session && job) Object.assign(job.sessions, session);
      else if (session) await store.set({ session });
    },
    transaction: (inside, key) =>
      keys.transaction(async () => {
        const result = await inside();
        const job = jobs.getStore();
        if (job && result instanceof Uint8Array) {
          decrypted.keep(job.sealed, result);
          await store.set({ session: job.sessions });
        }
        return result;
      }, key),
  };
}

/** One after the other, whatever became of the one before. @returns {<T>(work: () => Promise<T>) => Promise<T>} */
function turns() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}
