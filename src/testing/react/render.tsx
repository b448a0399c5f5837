'use client'

/** Renders components with a connection whose server and time are in the hands of the test. */
import { type RenderResult, act, render } from '@testing-library/react'
import type { ReactElement, ReactNode } from 'react'
import { UplinkProvider } from '../../hooks/provider.tsx'
import { uplink as uplinkProtocol } from '../../protocols/uplink.ts'
import { type Uplink, type UplinkOptions, createUplink } from '../../store/create-uplink.ts'
import type { BackendOptions } from '../backend/options.ts'
import { type FakePlatform, createFakePlatform } from '../platform.ts'
import { type SimulatedServer, createSimulatedServer } from '../simulated-server.ts'

/** Options of {@link createStage}: those of `createUplink`, none of them needed. */
export interface StageOptions extends Partial<UplinkOptions> {
  readonly platform?: FakePlatform
  /** Options of the simulated server. */
  readonly server?: BackendOptions
}

/** What a component under test stands on. */
export interface Stage {
  readonly uplink: Uplink
  readonly platform: FakePlatform
  /** Publishes, answers and breaks. Nobody speaks to it where the options bring their own `transport`. */
  readonly server: SimulatedServer
  /** Puts components under the connection. */
  readonly wrapper: (props: { readonly children: ReactNode }) => ReactNode
  /** Lets virtual time pass, and paints what came of it. @param ms - virtual milliseconds */
  pass(ms: number): Promise<void>
}

/**
 * Makes a stage: a simulated server that speaks `uplink.v1`, a page whose clock stands still, and a connection
 * between them that is not opened yet (components that use it open it).
 *
 * @example
 * const { wrapper, server, pass } = createStage()
 * const { result } = renderHook(() => useChannel('prices'), { wrapper })
 * await pass(1_000)
 * server.publish('prices', { bid: 1 })
 * await pass(100)
 */
export function createStage({ platform = createFakePlatform(), server: behind, ...options }: StageOptions = {}): Stage {
  const server = createSimulatedServer(platform, behind)
  const uplink = createUplink({ url: 'wss://test.example', protocol: uplinkProtocol(), transport: server.network.transport, ...options, platform })
  return {
    uplink,
    platform,
    server,
    wrapper: ({ children }) => <UplinkProvider uplink={uplink}>{children}</UplinkProvider>,
    pass: (ms) => act(async () => {
      await platform.clock.advanceAsync(ms)
      platform.paint()
    }),
  }
}

/**
 * Renders components on a stage of their own.
 *
 * @example
 * const { server, pass, getByText } = renderWithUplink(<Dashboard />)
 * await pass(1_000)
 * server.stop()
 * await pass(5_000)
 * expect(getByText('Reconnecting')).toBeTruthy()
 */
export function renderWithUplink(ui: ReactElement, options: StageOptions = {}): Stage & RenderResult {
  const stage = createStage(options)
  const view: RenderResult = render(ui, { wrapper: stage.wrapper })
  return Object.assign(view, stage)
}
