'use client'
import { type ReactNode, useState } from 'react'
import { UplinkProvider, createUplink } from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'

/**
 * The connection of the page. It is made once a render tree, on the server too, where it stays a description: it dials
 * only once its provider has mounted in a browser.
 */
export function LiveProvider({ url, children }: { readonly url: string; readonly children: ReactNode }): ReactNode {
  const [uplink] = useState(() => createUplink({ url, protocol: uplinkProtocol() }))
  return <UplinkProvider uplink={uplink}>{children}</UplinkProvider>
}
