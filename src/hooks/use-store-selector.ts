'use client'
/** Reads a part of a store without a render for the rest. */
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { ReadableStore } from '../store/sampled-store.ts'

/** The part of a store's state that `selector` picks; new only when one of its fields is. */
export function useStoreSelector<State, Selected>(store: ReadableStore<State>, selector: (state: State) => Selected): Selected {
  return useStore(store, useShallow(selector))
}
