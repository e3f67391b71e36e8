/** What keepalived writes into its log when it does not like a packet it heard, or a line it was configured with. */
const COMPLAINTS: readonly RegExp[] = [
  // Of any kind.
  /invalid|mismatch|bogus|error|wrong|incorrect|differ|unexpected|not valid|already processed|WARNING - equal/i,
  // Of a length.
  /too (short|long),|too short -|expected \d+ VIPs/,
  // Of the addresses in it.
  /not present in MASTER advert/,
  // Of how it was sent.
  /cast packet|not a unicast peer|not in range/,
  // Of how it was signed.
  /received a \d+ auth|AH header|unicast VRRPv3 checksum/,
  // Of its virtual router, or its interval.
  /Unknown VRID|advertisement interval updated|changing advert interval/,
  // Of its own configuration.
  /Unknown keyword|ignoring|ignored|skipping|resetting|rounding|clearing|truncating|deprecated/i,
];

/** The lines of keepalived's log that complain. */
export function complaintsOf(log: string): readonly string[] {
  return log.split('\n').filter((line) => COMPLAINTS.some((complaint) => complaint.test(line)));
}
