// A file like that of the UK shop, small, with every untidiness that the real one has, and what must come of it.
export const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'

/** `bulk` ordinary invoices follow the untidy ones. */
export function retail(bulk = 0) {
  const lines = [
    HEADER,
    '536365,85123A,"WHITE HANGING HEART, T-LIGHT",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
    '536365,71053,WHITE METAL LANTERN,3,2010-12-01 08:25:00,3.335,17850.0,United Kingdom', // earlier; 10.005 rounds to 10.01
    '536366,22633,HAND WARMER,2,2010-12-01 09:00:00,1.85,,United Kingdom', // nobody's
    'C536379,22633,HAND WARMER,-1,2010-12-01 09:41:00,1.85,17850.0,United Kingdom', // a refund
    '536414,22139,,-56,2010-12-01 11:52:00,0.0,,United Kingdom', // a stock correction
    '536550,85044,,1,2010-12-01 14:34:00,0.0,17850.0,United Kingdom', // a gift
    'A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom',
    'A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom',
    '536367,21754,HOME BUILDING BLOCK,1,2010-07-01 10:00:00,5.95,13047.0,United Kingdom', // summer time
    '536365,22752,SET 7 BABUSHKA,2,2010-12-01 08:27:00,7.65,17850.0,United Kingdom', // its invoice was three lines ago
  ]
  for (let i = 0; i < bulk; i++)
    for (let k = 0; k < 5; k++)
      lines.push(`${600000 + i},P${(i * 7 + k) % 500},THING ${k},${k + 1},2011-01-01 10:00:00,1.25,${20000 + (i % 300)}.0,France`)
  return lines.join('\n') + '\n'
}

export const EXPECTED = { rows: 10, accepted: 7, skipped: 3, people: 2, orders: 4, refunds: 1, lines: 7, gifts: 1 }
export const EXPECTED_WHY = { stock_correction: 1, adjustment: 2 }
