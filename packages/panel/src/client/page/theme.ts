/** Light or dark: what the system prefers, unless a choice is stored. */

const KEY = 'outlay-theme'
const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** A browser that forbids storage keeps the choice for this page only. */
const stored = (): Theme => {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system'
  } catch {
    return 'system'
  }
}

const apply = (theme: Theme): void => {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export const applyStoredTheme = (): void => apply(stored())

export const currentTheme = (): Theme =>
  THEMES.find((theme) => theme === document.documentElement.dataset['theme']) ?? 'system'

/** The one after this: system, light, dark, system. */
export const nextTheme = (theme: Theme): Theme => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'

const listeners: (() => void)[] = []

export const storeTheme = (theme: Theme): void => {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // Said above: the page has it all the same.
  }
  apply(theme)
  for (const listener of listeners) listener()
}

/** Called after every change of colours, the system's included. */
export const onThemeChange = (listener: () => void): void => {
  listeners.push(listener)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', listener)
}
