'use client'
/** Which words a component uses: its own props' before the page's, before the English it carries. */
import { type ReactNode, createContext, useContext, useMemo } from 'react'
import type { LabelOverrides } from './labels'

const LabelsContext = createContext<LabelOverrides | undefined>(undefined)

/** Props of {@link LabelsProvider}. */
export interface LabelsProviderProps {
  /** A catalogue, or a part of one. */
  readonly labels: LabelOverrides
  readonly children?: ReactNode
}

/**
 * Gives all components below their words. What is left out, or not below one, is English; the `labels` prop of a
 * component wins.
 *
 * @example
 * import { GERMAN } from 'uplink/labels/de'
 * <LabelsProvider labels={GERMAN}><App /></LabelsProvider>
 */
export function LabelsProvider({ labels, children }: LabelsProviderProps): ReactNode {
  return <LabelsContext.Provider value={labels}>{children}</LabelsContext.Provider>
}

/** `english` with entries replaced, tables entry by entry; later ones win. */
function withLabels<Group extends object>(english: Group, ...given: Array<LabelOverrides | undefined>): Group {
  const words = { ...english } as { [name: string]: unknown }
  for (const [name, word] of given.flatMap((overrides) => Object.entries(overrides ?? {}))) {
    // An undefined locale is the browser's own; any other word that is undefined was left out.
    if (word !== undefined || name === 'locale') words[name] = typeof word === 'object' ? { ...(words[name] as object), ...word } : word
  }
  return words as Group
}

/** The words of one component: `english` is the group it carries, `given` its `labels` prop. */
export function useLabels<Group extends object>(english: Group, given: LabelOverrides | undefined): Group {
  const provided = useContext(LabelsContext)
  return useMemo(() => (provided === undefined && given === undefined ? english : withLabels(english, provided, given)), [english, provided, given])
}
