/** Reading what stands behind the question mark: what does not fit is left out, never an error. */

export function optionalText<K extends string>(
  search: Record<string, unknown>,
  key: K,
): { [P in K]?: string } {
  const value = search[key];
  const text = typeof value === 'number' ? String(value) : value;
  return (typeof text === 'string' && text !== '' ? { [key]: text } : {}) as { [P in K]?: string };
}

export function optionalInteger<K extends string>(
  search: Record<string, unknown>,
  key: K,
): { [P in K]?: number } {
  const value = Number(search[key]);
  return (Number.isInteger(value) && value > 1 ? { [key]: value } : {}) as { [P in K]?: number };
}

export function optionalId<K extends string>(search: Record<string, unknown>, key: K): { [P in K]?: number } {
  const value = Number(search[key]);
  return (Number.isInteger(value) && value > 0 ? { [key]: value } : {}) as { [P in K]?: number };
}
