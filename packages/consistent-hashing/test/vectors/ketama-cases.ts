/**
 * Of libmemcached's test/fixtures/ketama.hpp (`ketama_test_cases`), with the servers of its
 * "memcached_ketama_compat": key, its hash, the last byte of its server's address.
 */
export const KETAMA_SERVERS: readonly { readonly name: string; readonly weight: number }[] = [
  600, 300, 200, 350, 1_000, 800, 950, 100,
].map((weight, index) => ({ name: `10.0.1.${index + 1}:11211`, weight }));

export const KETAMA_CASES: readonly (readonly [string, number, number])[] = [
  ["SVa_]_V41)", 443691461, 7],
  ["*/Z;?V(.\\8", 1422915503, 1],
  ["30C1*Z*S/_", 1473165754, 2],
  ["ERR:EC58G>", 2148406511, 7],
  ["1I=cTMNTKF", 2882686667, 5],
  ["]VG<`I*Z8)", 1103544263, 5],
  ["UUTC`-V159", 3716288206, 5],
  ["@7RU6C6T+Z", 3862737685, 5],
  ["/XLN0@+36;", 1623269830, 1],
  ["4(`X;\\V.^c", 373546328, 1],
  ["726bW=9*a4", 4213440020, 7],
  ["\\`)<B)UE,c", 951096736, 1],
  ["P1[Ma3=K1/", 1989324036, 8],
  ["C89I.-V?cT", 1604239957, 8],
  ["D[HE+cFXDK", 2117036136, 3],
  ["P1L?NAB[)K", 2129972569, 1],
  ["cDT0)Z5P6,", 176485284, 5],
  ["@JW`+[WAO8", 2720940826, 5],
  ["\\39DKW^)N_", 3548879868, 3],
  ["EM75N0+[X1", 1558531507, 4],
  ["`,SS]NBP,b", 1883545960, 1],
  ["XX1a9LT+F?", 653487707, 5],
  ["Zc\\-,F-c6V", 1160802451, 5],
  ["1*RTMC7,03", 1602398012, 8],
  ["*Xc+V0P>32", 536016577, 7],
  ["U))Fb-(`,.", 4128682289, 7],
  ["(,>E`)FT\\4", 580747448, 2],
  ["6,cEI`F_P>", 3972869246, 6],
  ["c,5AQ/T5)6", 2835605783, 8],
  ["]\\.UH8_0a1", 2419699252, 4],
];
