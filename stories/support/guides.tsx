/** What the page of a component says beyond its props: when to use it, what to do, what not, and what it does for whom. */
import { type ReactNode, useState } from 'react'
import { Toaster as Sonner } from 'sonner'
import {
  ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, ConnectionSummary, ConnectionTimeline, ConnectionToasts, LatencyChart,
  SourceBadge, useChannel, useUplink,
} from 'uplink'
import { ConnectionMonitor } from 'uplink/devtools'
import { Market } from './market.tsx'
import { SCENES } from './scenes.tsx'
import { sonner } from './sonner.ts'

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

/** The connection of the playground among two that are well. */
function ThreeFeeds(): ReactNode {
  const prices = useUplink()
  const [others] = useState(() => [SCENES.connected().uplink, SCENES.connected().uplink])
  return (
    <ConnectionSummary
      connections={[
        { name: 'Prices', uplink: prices, impact: 'critical', affects: 'Prices stand still.' },
        ...others.map((uplink, index) => ({ name: index === 0 ? 'Orders' : 'News', uplink })),
      ]}
    />
  )
}

function SourceOfQuotes(): ReactNode {
  const { source, updatedAt } = useChannel('quotes')
  return <SourceBadge source={source} updatedAt={updatedAt} />
}

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
  ConnectionBanner: {
    play: () => <div style={{ width: '100%', minHeight: '8rem' }}><ConnectionBanner grace={1_000} /><p className="p-dim">The page. Break it below for more than a second.</p></div>,
    dos: ['Put one at the top of the page. It covers, and pushes nothing.', 'Give it actions for what only your page can do: { sign_in: openLogin }.', 'Leave the receipt on: people trust a product that says what an outage cost.'],
    donts: ['Do not show it for drops of a second: the grace is there for a reason.', 'Do not put a second message about the same outage beside it.'],
    a11y: ['Its buttons come in reading order; Escape is not taken from the page.', QUIET, 'The receipt waits while the pointer is on it.'],
  },
  ConnectionSummary: {
    play: () => <ThreeFeeds />,
    dos: ['Say what depends on each: impact and affects decide how bad the worst is.', 'Use it in the header of an application with more than one feed.'],
    donts: ['Do not list connections that nobody of your users can name.'],
    a11y: [KEYBOARD, FOUR, 'A row for each: the success of one never clears the warning of another.'],
  },
  ConnectionToasts: {
    play: () => <><ConnectionToasts toaster={sonner} /><Sonner position="bottom-right" /><p className="p-dim">Cut the network for more than a second, and heal it.</p></>,
    dos: ['Hand it the toaster that your page has already.', 'Use it where there is no room for a banner.'],
    donts: ['Do not use toasts and a banner for the same connection.'],
    a11y: ['One toast an outage, which changes; it does not pile up.', 'What a screen reader hears is up to your toaster: two regions would speak twice.'],
  },
  SourceBadge: {
    play: () => <SourceOfQuotes />,
    dos: ['Put it beside a number that may come from somewhere else than the live feed.'],
    donts: ['Do not show it in every row of a grid: once for the grid is enough.'],
    a11y: ['A word and a shape for each source. The age is text.'],
  },
  ConnectionMonitor: {
    play: () => <div style={{ width: '100%', height: '27rem' }}><ConnectionMonitor enabled mode="embedded" name="Quotes" /></div>,
    dos: ['Put it at the end of your application, in development.', 'Give it faults, and try every outage before your users do.'],
    donts: ['Do not rely on it to keep secrets from who sits at the machine: it hides them on screen, in search, in copies and in exports.'],
    a11y: ['Tabs, lists and tables by keyboard; the floating panel closes by Escape.', 'It lies in a shadow root: its styles meet none of yours.'],
  },
}
