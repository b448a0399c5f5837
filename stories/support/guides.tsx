/** What the page of a component says beyond its props: when to use it, what to do, what not, and what it does for whom. */
import type { ReactNode } from 'react'
import {
  ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, ConnectionTimeline, LatencyChart,
} from 'uplink'
import { Market } from './market.tsx'

/** The guide of one component. */
export interface Guide {
  readonly dos: readonly string[]
  readonly donts: readonly string[]
  readonly a11y: readonly string[]
  /** The component as its playground shows it. */
  readonly play: () => ReactNode
}

const KEYBOARD = 'Tab reaches it; Enter, Space, a click and a tap open the details; Escape closes them and gives the focus back.'
const FOUR = 'Shape, fill, text and colour each tell the states apart. It is as clear in grayscale and with forced colours.'
const QUIET = 'One live region a page speaks of losses, recoveries and failures, once each and politely. What ticks is never spoken.'

/** By the name of the component. */
export const GUIDES: Readonly<Record<string, Guide>> = {
  ConnectionIndicator: {
    play: () => <ConnectionIndicator />,
    dos: ['Put it where people look first: at the end of the header, on every page.', 'Let its details explain. They hold the cause, the remedy and the button.', 'Use showLabel={false} where room is scarce; the word stays in its name.'],
    donts: ['Do not show a second one for the same connection in the same place.', 'Do not hide it while all is well: that it was there makes its change visible.', 'Do not colour it to fit a brand: the colours carry the state.'],
    a11y: [KEYBOARD, FOUR, QUIET, 'The target is 28 px high in every state, and as wide.'],
  },
  ConnectionStatus: {
    play: () => <ConnectionStatus showDetails />,
    dos: ['Use it where there is a line to spare: a footer, a settings page, the head of a panel.', 'Use showDetails where people wait for the connection: it says what they wait for.', 'Give each of several feeds its own, by uplink or url.'],
    donts: ['Do not write your own sentence beside it: the two will disagree one day.', 'Do not disable your form while it says Reconnecting: what is sent waits, and is sent.'],
    a11y: [KEYBOARD, FOUR, QUIET, 'The countdown is honest: a number is shown only for waits of five seconds or more.', 'It has one size in every state: nothing beside it moves.'],
  },
  ConnectionStatusCard: {
    play: () => <ConnectionStatusCard heading="Market data" />,
    dos: ['Use it on dashboards and status pages, for people who look after the connection.', 'Name it by what it brings (heading="Market data"), not by its server.'],
    donts: ['Do not put it in every page: ConnectionIndicator has the same facts, one press away.', 'Do not take its Disconnect for Sign out: that is uplink.signedOut().'],
    a11y: ['A section named by its heading. Charts are images with a sentence for a name.', FOUR, QUIET, 'A latency that is not known is a dash, never 0.'],
  },
  Freshness: {
    play: () => <div style={{ width: '22rem' }}><Market symbols={['BTC-USD', 'ETH-USD', 'AAPL']} /></div>,
    dos: ['Wrap every widget whose numbers people act upon.', 'Set staleAfter to what is old for this data: four seconds for prices, an hour for weather.'],
    donts: ['Do not hide old data: people need the last known value, and its time.', 'Do not blur or dim text on top of it: it keeps its contrast on purpose.'],
    a11y: ['The stamp is text beside the data, in reading order. The veil is decoration.', 'Nothing moves when it comes or goes.'],
  },
  LatencyChart: {
    play: () => <div style={{ width: 'min(34rem, 100%)' }}><LatencyChart /></div>,
    dos: ['Put it where somebody asks whether it is the network.', 'Show it together with ConnectionTimeline: both draw the same hour.'],
    donts: ['Do not read single peaks: the quality is judged with hysteresis, over many heartbeats.'],
    a11y: ['An image with a sentence for a name. Levels have words and bands, not colours alone.', 'Right to left, time runs from right to left.'],
  },
  ConnectionTimeline: {
    play: () => <div style={{ width: 'min(34rem, 100%)' }}><ConnectionTimeline /></div>,
    dos: ['Show it to operators: when it was away, for how long, how often.'],
    donts: ['Do not compute a contract’s availability from it: it is one page’s view, of one hour.'],
    a11y: ['Each span has a pattern and a height as well as a colour.', 'An image with a sentence for a name.'],
  },
}
