export type {
  Blockers,
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Renewal,
  Role,
  Standing,
  StoreCall,
  StoreSession,
} from "./store/coordination-store.ts";
export type { Guarantees } from "./store/guarantees.ts";
