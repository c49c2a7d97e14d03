/** Throws RangeError for a parameter that is not a number from 0 to 1. */
export function ratio(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} must be between 0 and 1, got ${value}`);
}

/** Throws RangeError for a parameter that is not an integer of at least 1. */
export function wholeFromOne(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${name} must be an integer of at least 1, got ${value}`);
}

/** Throws RangeError for a parameter that is not a finite number. */
export function finiteNumber(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be a number, got ${value}`);
}
