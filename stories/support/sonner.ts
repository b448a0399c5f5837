/** Sonner as the toaster of `ConnectionToasts`: the recipe of docs/components.md. */
import { toast } from 'sonner'
import type { Toaster } from 'uplink'

export const sonner: Toaster = {
  show: ({ id, severity, title, description, isLasting, action }) => {
    toast[severity](title, { id, description, duration: isLasting ? Infinity : 5_000, action: action === null ? undefined : { label: action.label, onClick: action.run } })
  },
  dismiss: (id) => { toast.dismiss(id) },
}
