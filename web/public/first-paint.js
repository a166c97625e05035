// Sets language, direction and theme before the first paint, so that nothing flips or flashes.
// A file of its own because the content security policy allows no inline scripts.
(() => {
  const root = document.documentElement;
  let language = null;
  let theme = null;
  try {
    language = localStorage.getItem('language');
    theme = localStorage.getItem('theme');
  } catch {
    // Storage can be closed (private windows): the defaults stand.
  }
  if (language === 'en') {
    root.lang = 'en';
    root.dir = 'ltr';
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
})();
