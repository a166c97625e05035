/** Which alarms are to be seen in this tab, and whether over everything or as a bar. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { isTyping } from '@/components/keyboard';
import { useSayProblem } from '@/components/ui/toast';
import type { Ring } from '@/realtime/rings';
import { liveCallsQuery } from '@/session/counts';
import { usePermission, useSession } from '@/session/session';
import { mayOpen } from './hold';
import { attended, ringingQuery } from './rings';
import { play, useAlarmSound } from './sound';
import { joinTabs, type Tabs } from './tabs';

const LOOK_EVERY_MS = 250;
const ASIDE_KEY = 'alarms.aside';
/** A tab that nobody looks at lets the others be first. */
const HIDDEN_WAIT_MS = 400;
/** Two tabs that claim at once have settled it by then. */
const SETTLED_MS = 200;
const NONE: Ring[] = [];

export function useAlarm() {
  const { user } = useSession();
  const may = usePermission('tasks:read');
  const { data: rings = NONE } = useQuery({ ...ringingQuery, enabled: may });
  const [asideKeys, setAsideKeys] = useState<ReadonlySet<string>>(storedAside);
  const tabs = useTabs(setAsideKeys);
  const opened = useOpened(rings, asideKeys, tabs);
  const [sound] = useAlarmSound(user.id);
  const silenced = useSound(opened, sound);
  const aside = (ring: Ring) => {
    for (const one of opened.length > 0 ? opened : [ring]) {
      tabs.current?.setAside(one.occurrence_id);
      putAside(setAsideKeys, one.occurrence_id);
    }
  };
  const bringBack = () => {
    setAsideKeys(new Set());
    store(new Set());
    for (const ring of rings) tabs.current?.claim(ring.occurrence_id);
  };
  const client = useQueryClient();
  const onError = useSayProblem();
  /** They were seen; what is not done yet stands in the list of tasks. */
  const dismiss = () => {
    attended(
      client,
      rings.map((ring) => ring.task_id),
    ).catch(onError);
  };
  return { rings, opened, silenced, aside, bringBack, dismiss };
}

type SetAside = (change: (before: ReadonlySet<string>) => ReadonlySet<string>) => void;

function storedAside(): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(ASIDE_KEY) ?? '[]') as string[]);
  } catch {
    return new Set();
  }
}

function store(keys: ReadonlySet<string>): void {
  try {
    sessionStorage.setItem(ASIDE_KEY, JSON.stringify([...keys]));
  } catch {
    // Storage is closed: after a reload it rings once more.
  }
}

function putAside(set: SetAside, occurrence: string): void {
  set((before) => {
    const next = new Set(before).add(occurrence);
    store(next);
    return next;
  });
}

function useTabs(setAside: SetAside) {
  const tabs = useRef<Tabs | null>(null);
  const [, changed] = useState(0);
  useEffect(() => {
    const joined = joinTabs(
      () => changed((times) => times + 1),
      (occurrence) => putAside(setAside, occurrence),
    );
    tabs.current = joined;
    return () => {
      tabs.current = null;
      joined.close();
    };
  }, [setAside]);
  return tabs;
}

/** When the person last typed anywhere. */
function useLastTyped() {
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const typed = (event: Event) => {
      if (isTyping(event.target)) last.current = Date.now();
    };
    window.addEventListener('keydown', typed, true);
    window.addEventListener('input', typed, true);
    return () => {
      window.removeEventListener('keydown', typed, true);
      window.removeEventListener('input', typed, true);
    };
  }, []);
  return last;
}

function useOnCall(): boolean {
  const may = usePermission('calls:read');
  const { data: live } = useQuery({ ...liveCallsQuery, enabled: may });
  const here = useLocation({ select: (location) => location.pathname });
  return here === '/test-call' || Boolean(live?.some((call) => here === `/calls/${call.id}`));
}

/** Looks again and again while something rings, and claims for this tab what may open. */
function useOpened(rings: Ring[], aside: ReadonlySet<string>, tabs: React.RefObject<Tabs | null>): Ring[] {
  const since = useRef(new Map<string, number>());
  const lastTyped = useLastTyped();
  const onCall = useOnCall();
  const [, looked] = useState(0);
  const waiting = rings.filter((ring) => !aside.has(ring.occurrence_id));
  const idle = waiting.length === 0;
  useEffect(() => {
    if (idle) return;
    const look = () => {
      const now = Date.now();
      for (const { occurrence_id } of waiting) {
        const first = since.current.get(occurrence_id) ?? now;
        since.current.set(occurrence_id, first);
        const seen = document.visibilityState === 'visible';
        if (tabs.current?.taken(occurrence_id) || (!seen && now - first < HIDDEN_WAIT_MS)) continue;
        if (mayOpen({ now, since: first, lastTyped: lastTyped.current, onCall }))
          tabs.current?.claim(occurrence_id);
      }
      looked((times) => times + 1);
    };
    /** The alarm follows the person to the tab that they go to. */
    const follow = () => {
      if (document.visibilityState !== 'visible') return;
      for (const { occurrence_id } of waiting) {
        if (tabs.current?.taken(occurrence_id) && !tabs.current.has(occurrence_id))
          tabs.current.claim(occurrence_id);
      }
    };
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    document.addEventListener('visibilitychange', follow);
    window.addEventListener('focus', follow);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', follow);
      window.removeEventListener('focus', follow);
    };
  }, [idle, waiting, onCall, tabs, lastTyped]);
  return waiting.filter((ring) => tabs.current?.has(ring.occurrence_id));
}

/** Plays once for what opens together; says whether the browser refused. */
function useSound(opened: Ring[], sound: Parameters<typeof play>[0]): boolean {
  const played = useRef(new Set<string>());
  const [silenced, setSilenced] = useState(false);
  const names = opened.map((ring) => ring.occurrence_id).join(' ');
  useEffect(() => {
    const fresh = names.split(' ').filter((name) => name && !played.current.has(name));
    if (fresh.length === 0) return;
    const timer = setTimeout(() => {
      for (const name of fresh) played.current.add(name);
      void play(sound).then((heard) => setSilenced(!heard));
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [names, sound]);
  return silenced && opened.length > 0;
}
