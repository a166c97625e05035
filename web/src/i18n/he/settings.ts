/** Words of the settings and of the wizard, loaded with those pages. */
import business from './business.json';
import keys from './keys.json';
import security from './security.json';
import team from './team.json';
import trades from './trades.json';

export const settings = {
  business,
  keys,
  security,
  team,
  trades,
};
