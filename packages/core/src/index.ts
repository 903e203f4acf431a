export { assert, OutlayError, type OutlayErrorDetails } from './errors.ts'
export { digest64, digestOf, randomHex } from './ids.ts'
export { type Limits, limits } from './limits.ts'
export {
  INPUT_METERS,
  inputTotalOf,
  isMeter,
  METER_DEFINITIONS,
  METERS,
  type Meter,
  type MeterQuantities,
  type MeterSide,
  OUTPUT_METERS,
  outputTotalOf,
  TOKEN_METERS,
  UNIT_METERS,
} from './meters.ts'
export { setOwn } from './own-property.ts'
export { displayUsd, divideHalfEven, type FemtoUsd, formatDecimal, formatUsd, parseDecimal, parseUsd } from './money.ts'
export {
  type Clock,
  monthStartMs,
  NANOS_PER_MS,
  NANOS_PER_SECOND,
  SLOT_SECONDS,
  slotStartOf,
  systemClock,
  utcDayOf,
} from './time.ts'
export { atOnce, inTurns, type Steps } from './turns.ts'
