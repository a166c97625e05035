/** An answer other than 2xx. `error` is a stable word for programs, `detail` a sentence for people. */
export class Refusal extends Error {
  /** @param {number} status @param {string} error @param {string} [detail] @param {Record<string, unknown>} [more] */
  constructor(status, error, detail = error, more = {}) {
    super(detail);
    this.status = status;
    this.error = error;
    this.more = more;
  }
}
