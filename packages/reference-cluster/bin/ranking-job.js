// The job by its package's name, for workers to load: from the sources when Node is told to prefer them.
export { default } from "@quorate/reference-cluster/ranking-job";
