/** Every address of the web app. Each page is loaded when it is first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import { sessionIsOver } from './api/over';
import { queryClient } from './api/queries';
import { readSearch } from './features/customers/list/filters';
import { readInbox } from './features/inbox/filters';
import { wantSettingsWords, wantWords } from './i18n/i18n';
import { adminPlace } from './routes/admin-places';
import { Crashed, NotFoundPage, PagePending } from './routes/fallbacks';
import { Frame } from './routes/frame';
import { optionalId, optionalInteger, optionalText } from './routes/search';
import { sectionOf } from './routes/sections';
import { allows, sessionQuery } from './session/session';
import { isStep } from './session/welcome';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, 'next'),
    ...(search.ended === true && { ended: true as const }),
  }),
  component: lazyRouteComponent(() => import('./routes/login'), 'LoginPage'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: (search: Record<string, unknown>) => ({ token: String(search.token ?? '') }),
  component: lazyRouteComponent(() => import('./routes/setup'), 'SetupPage'),
});

const forgot = createRoute({
  getParentRoute: () => root,
  path: '/forgot',
  component: lazyRouteComponent(() => import('./routes/forgot'), 'ForgotPage'),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  validateSearch: (search: Record<string, unknown>) => ({ token: String(search.token ?? '') }),
  component: lazyRouteComponent(() => import('./routes/reset'), 'ResetPage'),
});

const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  component: lazyRouteComponent(() => import('./routes/invite'), 'InvitePage'),
});

/** As the server writes it into links. */
const inviteLink = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  beforeLoad: ({ location }) => {
    const { token } = location.search as { token?: unknown };
    throw redirect({ to: '/invite/$token', params: { token: String(token || 'none') }, replace: true });
  },
});

const accessibility = createRoute({
  getParentRoute: () => root,
  path: '/accessibility',
  component: lazyRouteComponent(() => import('./routes/accessibility'), 'AccessibilityPage'),
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/crm' });
  },
});

/** Everything that needs someone signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location }) => {
    const before = queryClient.getQueryData(sessionQuery.queryKey);
    const session = sessionIsOver() ? null : await queryClient.ensureQueryData(sessionQuery);
    if (session) return { session };
    const next = location.pathname === '/' ? {} : { next: location.href };
    throw redirect({ to: '/login', search: { ...next, ...(before && { ended: true as const }) } });
  },
  component: Frame,
  errorComponent: Crashed,
});

function needs(permission: string) {
  return () => {
    const session = queryClient.getQueryData(sessionQuery.queryKey);
    if (session && !allows(session, permission)) throw redirect({ to: '/crm' });
  };
}

const today = createRoute({
  getParentRoute: () => inside,
  path: '/crm',
  component: lazyRouteComponent(() => import('./routes/today'), 'TodayPage'),
});

const calls = createRoute({
  getParentRoute: () => inside,
  path: '/calls',
  beforeLoad: needs('calls:read'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...(search.view === 'all' && { view: 'all' as const }),
    ...optionalText(search, 'q'),
    ...optionalText(search, 'sort'),
    ...optionalText(search, 'direction'),
    ...optionalText(search, 'outcome'),
    ...(search.recorded === true && { recorded: true as const }),
    ...(search.test === true && { test: true as const }),
    ...optionalText(search, 'from'),
    ...optionalText(search, 'before'),
    ...optionalText(search, 'handled_from'),
    ...optionalText(search, 'reason'),
    ...((search.callback === 'true' || search.callback === 'false') && {
      callback: search.callback as 'true' | 'false',
    }),
    ...(search.counted === true && { counted: true as const }),
    ...optionalInteger(search, 'page'),
  }),
  component: lazyRouteComponent(() => import('./routes/calls'), 'CallsPage'),
});

const inbox = createRoute({
  getParentRoute: () => inside,
  path: '/inbox',
  beforeLoad: needs('threads:read'),
  validateSearch: readInbox,
  loader: () => wantWords('inbox'),
  component: lazyRouteComponent(() => import('./routes/inbox'), 'InboxPage'),
});

const call = createRoute({
  getParentRoute: () => inside,
  path: '/calls/$callId',
  beforeLoad: needs('calls:read'),
  component: lazyRouteComponent(() => import('./routes/call'), 'CallPage'),
});

const testCall = createRoute({
  getParentRoute: () => inside,
  path: '/test-call',
  beforeLoad: needs('calls:work'),
  component: lazyRouteComponent(() => import('./routes/test-call'), 'TestCallPage'),
});

const customers = createRoute({
  getParentRoute: () => inside,
  path: '/crm/customers',
  beforeLoad: needs('customers:read'),
  validateSearch: readSearch,
  loader: () => wantWords('records'),
  component: lazyRouteComponent(() => import('./routes/customers'), 'CustomersPage'),
});

const customersImport = createRoute({
  getParentRoute: () => inside,
  path: '/crm/customers/import',
  beforeLoad: needs('customers:import'),
  validateSearch: (search: Record<string, unknown>) => optionalId(search, 'id'),
  loader: () => wantWords('records'),
  component: lazyRouteComponent(() => import('./routes/customers-import'), 'CustomersImportPage'),
});

const customer = createRoute({
  getParentRoute: () => inside,
  path: '/crm/customers/$customerId',
  beforeLoad: needs('customers:read'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...((search.tab === 'timeline' ||
      search.tab === 'calls' ||
      search.tab === 'whatsapp' ||
      search.tab === 'tasks' ||
      search.tab === 'deals' ||
      search.tab === 'notes') && {
      tab: search.tab as 'timeline' | 'calls' | 'whatsapp' | 'tasks' | 'deals' | 'notes',
    }),
  }),
  loader: () => wantWords('deals', 'records', 'inbox'),
  component: lazyRouteComponent(() => import('./routes/customer'), 'CustomerPage'),
});

const business = createRoute({
  getParentRoute: () => inside,
  path: '/business',
  validateSearch: sectionOf,
  loader: () => wantWords('settings', 'deals', 'records', 'inbox'),
  component: lazyRouteComponent(() => import('./routes/business'), 'BusinessPage'),
});

const admin = createRoute({
  getParentRoute: () => inside,
  path: '/admin',
  beforeLoad: needs('admin:read'),
  validateSearch: adminPlace,
  loader: () => wantWords('settings', 'platform'),
  component: lazyRouteComponent(() => import('./routes/admin'), 'AdminPage'),
});

const welcome = createRoute({
  getParentRoute: () => inside,
  path: '/welcome',
  validateSearch: (search: Record<string, unknown>) => ({
    ...(isStep(search.step) && { step: search.step }),
  }),
  beforeLoad: needs('settings:write'),
  loader: wantSettingsWords,
  component: lazyRouteComponent(() => import('./routes/welcome'), 'WelcomePage'),
});

const tasks = createRoute({
  getParentRoute: () => inside,
  path: '/tasks',
  beforeLoad: needs('tasks:read'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...((search.view === 'overdue' || search.view === 'upcoming' || search.view === 'done') && {
      view: search.view as 'overdue' | 'upcoming' | 'done',
    }),
    ...optionalText(search, 'assignee'),
    ...optionalText(search, 'priority'),
    ...optionalId(search, 'customer'),
    ...optionalId(search, 'task'),
    ...optionalInteger(search, 'page'),
  }),
  component: lazyRouteComponent(() => import('./routes/tasks'), 'TasksPage'),
});

const deals = createRoute({
  getParentRoute: () => inside,
  path: '/deals',
  beforeLoad: needs('deals:read'),
  validateSearch: (search: Record<string, unknown>) => ({
    ...((search.view === 'list' || search.view === 'forecast') && {
      view: search.view as 'list' | 'forecast',
    }),
    ...optionalText(search, 'q'),
    ...optionalText(search, 'owner'),
    ...optionalText(search, 'status'),
    ...optionalText(search, 'sort'),
    ...optionalId(search, 'pipeline'),
    ...optionalId(search, 'stage'),
    ...optionalId(search, 'deal'),
    ...optionalInteger(search, 'page'),
  }),
  loader: () => wantWords('deals'),
  component: lazyRouteComponent(() => import('./routes/deals'), 'DealsPage'),
});

const notifications = createRoute({
  getParentRoute: () => inside,
  path: '/notifications',
  beforeLoad: needs('notifications:own'),
  component: lazyRouteComponent(() => import('./routes/notifications'), 'NotificationsPage'),
});

const routeTree = root.addChildren([
  home,
  login,
  setup,
  forgot,
  reset,
  invite,
  inviteLink,
  accessibility,
  inside.addChildren([
    today,
    inbox,
    calls,
    call,
    testCall,
    customers,
    customersImport,
    customer,
    business,
    admin,
    welcome,
    deals,
    tasks,
    notifications,
  ]),
]);

/** A router over the address bar, or over a given history. */
export function makeRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    ...(history && { history }),
    defaultPreload: 'intent',
    defaultPendingComponent: PagePending,
    defaultPendingMs: 300,
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
