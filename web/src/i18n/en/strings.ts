import auth from './auth.json';
import calls from './calls.json';
import common from './common.json';
import customers from './customers.json';
import notifications from './notifications.json';
import palette from './palette.json';
import problems from './problems.json';
import shell from './shell.json';
import statement from './statement.json';
import tasks from './tasks.json';
import testCall from './test-call.json';
import time from './time.json';
import today from './today.json';
import welcome from './welcome.json';

export const strings = {
  auth,
  calls,
  common,
  customers,
  notifications,
  palette,
  problems,
  shell,
  statement,
  tasks,
  testCall,
  time,
  today,
  welcome,
};
