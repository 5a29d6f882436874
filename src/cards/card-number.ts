/** A new 16-digit card number; the last digit checks the others (Luhn, ISO/IEC 7812-1). */
export function newCardNumber(): string {
  const random = crypto.getRandomValues(new Uint32Array(15));
  // 8 first: outside the ranges of payment cards, so that nobody takes it for one.
  const digits = `8${Array.from(random.subarray(1), (value) => value % 10).join("")}`;
  return digits + luhnDigit(digits);
}

/** The digits of what a person typed, or undefined when they are no card number. */
export function parseCardNumber(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "");
  return /^\d{16}$/.test(digits) && luhnDigit(digits.slice(0, -1)) === digits.at(-1) ? digits : undefined;
}

function luhnDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, position) => {
    const value = Number(digit) * (position % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
