#!/usr/bin/env node
// The package by its own name: the sources when Node is told to prefer them, else what was built.
import { runCommandLine } from "@quorate/mapreduce/cli";

await runCommandLine(process.argv);
