/** What a node counts since its start. */
export class Counters {
  proposals = 0;
  committed = 0;
  reads = 0;
  leaderChanges = 0;
  snapshotsTaken = 0;
  snapshotsSent = 0;
  snapshotsReceived = 0;
  messagesDropped = 0;
  messagesRefused = 0;

  snapshot(): Readonly<Omit<Counters, "snapshot">> {
    return Object.assign({}, this);
  }
}
