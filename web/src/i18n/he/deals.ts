/** Words of deals, loaded with the pages that show them. */
import words from './deals.json';

export const deals = { deals: words };
