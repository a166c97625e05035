/** Words of the charts, loaded with them. */
import words from './stats.json';

export const stats = { stats: words };
