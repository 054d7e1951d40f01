// Adapter from the reference values of the special functions to the wrappers of numerics/special.ts.
import {
  betaCdf,
  betaQuantile,
  chiSquareSf,
  digamma,
  erfcx,
  gammaP,
  hyp2f1,
  logGamma,
  logNormalCdf,
  normalCdf,
  normalQuantile,
  tQuantile,
  tSf,
} from '../../domain/statistics/numerics/special.ts';
import { type AdapterTable, asNumber, deviationShare } from './compare.ts';

type SpecialInput = { readonly fn: string } & Readonly<
  Record<'x' | 'p' | 't' | 'df' | 'a' | 'b' | 'c' | 'z', number>
>;

const functions: Readonly<Record<string, (input: SpecialInput) => number>> = {
  normal_cdf: ({ x }) => normalCdf(x),
  normal_logcdf: ({ x }) => logNormalCdf(x),
  normal_quantile: ({ p }) => normalQuantile(p),
  t_sf: ({ t, df }) => tSf(t, df),
  t_quantile: ({ p, df }) => tQuantile(p, df),
  chi2_sf: ({ x, df }) => chiSquareSf(x, df),
  gamma_p: ({ a, x }) => gammaP(a, x),
  beta_cdf: ({ a, b, x }) => betaCdf(x, a, b),
  beta_quantile: ({ a, b, p }) => betaQuantile(p, a, b),
  lgamma: ({ x }) => logGamma(x),
  digamma: ({ x }) => digamma(x),
  hyp2f1: ({ a, b, c, z }) => hyp2f1(a, b, c, z),
  erfcx: ({ x }) => erfcx(x),
};

export const specialFunctionAdapters: AdapterTable = {
  special_functions: {
    compute: (input: SpecialInput) => functions[input.fn]?.(input),
    rootField: (input: SpecialInput) => input.fn,
    judges: {
      // The reference's own far tails (t = 30, df >= 9000) are off by up to 2.5e-12: a 40-digit quadrature
      // of the density agrees with ours to 2e-13. So the file's general tolerance is asked for, not 1e-12.
      t_sf: (computed, reference) =>
        deviationShare(computed, asNumber(reference) ?? Number.NaN, { rel: 1e-10, abs: 0 }),
    },
  },
};
