/** What the simulated venue lists: names as exchanges have them, with prices of about the right size. */

/** A pair that is traded. */
export interface Listing {
  /** In capitals, such as `BTCUSDT`. */
  readonly symbol: string
  /** Where its price begins. */
  readonly price: number
  /** How much one unit of the base is worth in US dollars: small coins trade in large quantities. */
  readonly dollars: number
}

/** Bases with their prices in US dollars. */
const BASES: Readonly<Record<string, number>> = {
  BTC: 97_412, ETH: 3_418, SOL: 212, BNB: 641, XRP: 2.31, DOGE: 0.392, ADA: 1.04, AVAX: 41.8, LINK: 24.2, DOT: 8.91, TRX: 0.243, TON: 5.62, SUI: 4.36, NEAR: 6.11,
  APT: 9.87, ARB: 0.861, OP: 2.07, ATOM: 8.34, LTC: 104, BCH: 472, UNI: 14.6, AAVE: 318, FIL: 5.92, ICP: 11.7, HBAR: 0.287, ETC: 27.5, XLM: 0.421, INJ: 24.9, RENDER: 8.12,
  FET: 1.43, TIA: 5.71, SEI: 0.512, STX: 1.88, IMX: 1.62, GRT: 0.241, MKR: 1_640, LDO: 1.96, RUNE: 5.83, ALGO: 0.364, VET: 0.0482, SAND: 0.611, MANA: 0.553, AXS: 6.74,
  GALA: 0.0391, CHZ: 0.0872, CRV: 0.914, SNX: 2.23, COMP: 87.4, ZRX: 0.483, KSM: 34.2, DASH: 41.6, ZEC: 58.3, XTZ: 1.31, EOS: 0.824, IOTA: 0.352, NEO: 15.8, QTUM: 3.42,
  ENJ: 0.231, BAT: 0.262, ONE: 0.0284, KAVA: 0.491, ROSE: 0.0873, CELO: 0.712, YFI: 8_930, SUSHI: 1.42, BLUR: 0.312, PEPE: 0.0000193, SHIB: 0.0000241, BONK: 0.0000352,
  WIF: 2.18, FLOKI: 0.000182, ORDI: 31.4, JUP: 0.941, PYTH: 0.402, JTO: 3.21, STRK: 0.521, DYDX: 1.63, GMX: 28.7, ENS: 38.4, APE: 1.24, MINA: 0.643, FLOW: 0.784, EGLD: 36.1,
  THETA: 2.34, KLAY: 0.213, ZIL: 0.0242, RVN: 0.0231, WAVES: 1.72, ANKR: 0.0374, SKL: 0.0641, OCEAN: 0.621, MASK: 3.12, BAND: 1.54, LRC: 0.213, NKN: 0.0912, RSR: 0.0143,
  CTK: 0.672, AKRO: 0.0042, COTI: 0.124, DENT: 0.00142, HOT: 0.00243, WOO: 0.231,
}

/** Quotes with their prices in US dollars, by how much is traded in them. */
const QUOTES: Readonly<Record<string, number>> = { USDT: 1, USDC: 1, FDUSD: 1, BTC: 97_412, EUR: 1.08, TRY: 0.0291, ETH: 3_418, BNB: 641, BRL: 0.171, JPY: 0.00661 }

/** The first pairs, at most about a thousand: those in the commonest quote come first. */
export function listings(count: number): readonly Listing[] {
  const all = Object.entries(QUOTES).flatMap(([quote, worth]) =>
    Object.entries(BASES).filter(([base]) => base !== quote).map(([base, dollars]) => ({ symbol: base + quote, price: dollars / worth, dollars })))
  if (count > all.length) throw new RangeError(`there are ${all.length} pairs, and ${count} were asked for`)
  return all.slice(0, count)
}
