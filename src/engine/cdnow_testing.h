/* The customers of a CD shop, for tests: 69,659 purchases of 23,570 people who first bought early
 * in 1997, until 1998-06-30 (Fader & Hardie 2001). What was until 1997-09-30 is known to a model,
 * the rest is for it to foretell. Skips the test where the file is not there. */
#ifndef HETANG_CDNOW_TESTING_H
#define HETANG_CDNOW_TESTING_H

#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "engine/bgnbd.h"

#define CDNOW_PEOPLE 23570

/* Whom the papers look at, the 2,357 of CDNOW_sample.txt that goes with them: how far each number
 * is from the one before, a … z for 1 … 26, A … for 27 and more. (The sample is a tenth by an order
 * that the file of all does not tell.) */
#define CDNOW_SAMPLE_PEOPLE 2357
static const char cdnow_sample[] =
    "dncCjkoyaaaqbroanqjmebfimetpobshicnutqdkaFnbmnnlpdbqcBgboikslppqsadmbeifurbuaqfrnerkkpowbt"
    "aolrsbggbnshignunqajamochdgoekjgolcmbgocehmqqcpenjldpagobkimeddighfbadaqjigoffkcebctiqpckf"
    "msmcankiplonfnypcdraoegcberossamdackdgksrboeyleaxbpjahuhocjbngnpalpdifgefdmfmottpplpthhdud"
    "bkjgarfjhhqoaplgencdrrdcceegbkfmpkbjcdfvdsaehkanbtsdtfskalafdkhlubllcljmdbgpbriadihgtkbidi"
    "dcnkboridiepnvqlsaskdjadnoubokianrkjeerdhnrpmdqcfedhkqseblsekqvppbaugfhspiedioapcsodilrils"
    "tqhdhoneiedprnpanqmfwcchblcnflnbcbejbbmdsqdlbggcemfbbligiaraeqpcvebnetpblifqbbqfpdlegcdnfn"
    "cpuohebmfegjfnuqfhudqdpbrpblaemjcfkwbcxcuiinooebecdacocbnnsncagjorlinsjhjcicghaplktproqncq"
    "pochahrdryckdpogjelggdbpgnjinhoeveipnqkidpoldAupbtbfkjfowfnfmculpjfbpdcmcjuvibhhbhfldfdrfg"
    "eflompmcldbkhjgcBfhiboddgfalggkbeqpladcpdukghnelrknmapcppijshhoekshigbknfbicouklgghsgmaqup"
    "eksxhnpunlaafgnsvhisqumnnckjnafmpbodbnkkdrlasigeoBjlhgfarbpfolgotdawnokbbnflggomglieockeqe"
    "rpmkekfprovebguodgigdjobbokodmxemmvaknkfdejqdnoamdbsrkdxatpqoclvckpgqoadlfaioeihhhecgakeog"
    "fnborugidcqdkfjjdkhfkaokdclhdghjclscncdcmemnacrmqrqbgfwbhfeiifliqfkqgiaqghqqmrolsmqmrdlnqb"
    "ldapkemltdmcprcdcklbcocqpvyrnfmedmarslmecpgegfgbffokgkfbrnhcfhprpbgrncaqdoibfcmfnfjkfabeae"
    "psngjcaeildnBtkeqmwvcnhipvfmxqeffmdkaarraqldquodrbktbeakbabrdecinmqoggcmhminumlbrqmnmplhon"
    "fgbktfmqonfkrlddhgnbpxeefladekhhosemkpobheeenaemahhjiefnrdjhanwdtjhhidggockeleedhbhijdrdha"
    "odrillhdirpbalsopschaigjclmgohhibpomlnocaognabmekhqkghhpefjcsdarasqnfssbckatpjhqsaapkkmmch"
    "kpataborolaapasifnagqurommanaedhcsnagggeadchgdeirhbfakaeockqjkqqmlovqcakcaqocigskerxbmrqkf"
    "pameopugklngkqahkobancvlgboybjkcmwiqpjgooabkckdgjeomtjdkaqefkbcslmbacoefdprnmqapobldqdsohj"
    "nksiiqrllganbjecbskccupooalbdnadqdpggdrnnihenfadnnnboptnrprkikdaooqikgilkilfirqnamifglndbe"
    "npfpnfdhdcblemoomluarnpqggfmyosjnamhjetladppdejmpkeskpeqpcghrsmjclkkegikaesobjgvhgcAofdoae"
    "bcecbgbicnditscloaqdkobkfcnlgdqupclocalpnpfjrqfirnsqlldfcgoflefltoiifljsdhfaggqdmhnoarpgoa"
    "enbmbnmhquodrgakemddercvrdhoimqcodkpihlelghmnaobrlddmdkihcrijolqcqeirdmcpwobmnpudbrcnmlmkr"
    "nebeabdbhljnpprpkmirqxhgeamccdjemmkmndpppnnpooedjpjfoabqnnckrumgmbrqjipiklqleaibibqgmdsbsl"
    "nghlaukcllmrpnfcjlbgabdnmglleobocljcfgfkcgfdkfbinarbrmmfbkmnqjpdfrdjqtwkcroamcnbmbmghbmmnb"
    "fcfbtdkapnsrpbgkwcvcibghdpmihjdelbggtpmhdgfolrbljamjabqbornnhikqoeakncnuaamltnropfnagjhiom"
    "aapmnoomlhcnqymjfjgnigplprnhsqkdkskechcipmcvmpienecimdgmcadgbdubajhhlbppnlmlbmlreafmjfdneb"
    "iobapcmbfabnnncbm";

struct cdnow {
    struct purchases known; /* weeks; purchases of one day are one */
    i64 fen;                /* of the repeat purchases known */
    i64 later;              /* days of purchase after */
    int32_t first, last;    /* days */
};

static inline void cdnow_add(struct cdnow *c, int32_t on, int32_t end, i64 fen)
{
    if (!c->first) {
        *c = (struct cdnow) { .known = { .age = (end - on) / 7.0, .people = 1 },
                              .first = on,
                              .last = on };
        return;
    }
    bool new_day = on != c->last;
    c->last = on;
    if (on > end) {
        c->later += new_day;
        return;
    }
    c->known.repeats += new_day;
    c->known.last = (on - c->first) / 7.0;
    c->fen += on != c->first ? fen : 0;
}

/* CDNOW_PEOPLE of them, by their number. */
static inline struct cdnow *cdnow_read(struct arena *a)
{
    const char *shared = getenv("HETANG_SHARED");
    const char *path = arena_fmt(a, "%s/data/CDNOW_master.txt", shared ? shared : "../shared").ptr;
    const int32_t end = (int32_t)day_from_ymd(1997, 9, 30).n;
    struct cdnow *people = NEW_N(a, struct cdnow, CDNOW_PEOPLE);
    char line[200];
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    while (fgets(line, sizeof line, f)) {
        int id, year, month, day_of_month, discs;
        double dollars;
        if (sscanf(line, "%d %4d%2d%2d %d %lf", &id, &year, &month, &day_of_month, &discs,
                   &dollars) != 6)
            continue; /* the heading */
        assert_in_range(id, 1, CDNOW_PEOPLE);
        cdnow_add(&people[id - 1], (int32_t)day_from_ymd(year, month, day_of_month).n, end,
                  (i64)(dollars * 100 + 0.5));
    }
    (void)fclose(f);
    return people;
}

static inline struct cdnow *cdnow_sampled(struct arena *a, const struct cdnow *people)
{
    struct cdnow *ret = NEW_N(a, struct cdnow, CDNOW_SAMPLE_PEOPLE);
    int at = -1;
    for (size_t i = 0; i < CDNOW_SAMPLE_PEOPLE; i++) {
        char step = cdnow_sample[i];
        at += step >= 'a' ? step - 'a' + 1 : step - 'A' + 27;
        assert_true(at < CDNOW_PEOPLE);
        ret[i] = people[at];
    }
    return ret;
}

#endif
