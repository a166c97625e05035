import auth from './auth.json';
import business from './business.json';
import calls from './calls.json';
import common from './common.json';
import customers from './customers.json';
import keys from './keys.json';
import problems from './problems.json';
import security from './security.json';
import shell from './shell.json';
import statement from './statement.json';
import tasks from './tasks.json';
import team from './team.json';
import testCall from './test-call.json';
import time from './time.json';
import today from './today.json';
import welcome from './welcome.json';

export const strings = {
  auth,
  business,
  calls,
  common,
  customers,
  keys,
  problems,
  security,
  shell,
  statement,
  tasks,
  team,
  testCall,
  time,
  today,
  welcome,
};
