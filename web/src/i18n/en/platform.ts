/** Words of the administration of the whole platform, loaded with its page. */
import admin from './admin.json';

export const platform = {
  admin,
};
