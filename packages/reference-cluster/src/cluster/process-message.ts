/** What a process tells the one that started it: that it takes part in its cluster. */
export type ProcessMessage = "ready";
