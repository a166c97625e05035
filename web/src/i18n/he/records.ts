/** Words of working with many customers at once, and of what a business adds to them. Loaded with those pages. */
import customerList from './customer-list.json';
import exportAll from './export-all.json';
import imports from './imports.json';
import ownRecords from './own-records.json';
import sameCustomer from './same-customer.json';

export const records = {
  customerList,
  exportAll,
  imports,
  ownRecords,
  sameCustomer,
};
