/** Words of the settings and of the wizard, loaded with those pages. */
import audit from './audit.json';
import business from './business.json';
import keys from './keys.json';
import security from './security.json';
import team from './team.json';
import trades from './trades.json';

export const settings = {
  audit,
  business,
  keys,
  security,
  team,
  trades,
};
